"""The papers that numbers come from."""

from __future__ import annotations

from dataclasses import replace

from dq_pipeline.reference.definition import Source

KRIPPENDORFF_2011 = Source("Krippendorff 2011, Computing Krippendorff's Alpha-Reliability")
KRIPPENDORFF_2004 = Source("Krippendorff 2004, Content Analysis, 2nd edition", "chapter 11")
GWET_2008 = Source(
    "Gwet 2008, Computing inter-rater reliability and its variance in the presence of high agreement, "
    "British Journal of Mathematical and Statistical Psychology 61"
)
BRENNAN_PREDIGER_1981 = Source(
    "Brennan & Prediger 1981, Coefficient kappa: some uses, misuses, and alternatives, Educational and Psychological "
    "Measurement 41"
)
CONGER_1980 = Source(
    "Conger 1980, Integration and generalization of kappas for multiple raters, Psychological Bulletin 88"
)
LIGHT_1971 = Source(
    "Light 1971, Measures of response agreement for qualitative data, Psychological Bulletin 76"
)
GWET_2014 = Source("Gwet 2014, Handbook of Inter-Rater Reliability, 4th edition")
BLOCH_KRAEMER_1989 = Source(
    "Bloch & Kraemer 1989, 2 x 2 kappa coefficients: measures of agreement or association, Biometrics 45",
    "eq. 3.7",
)
ZOU_2007 = Source(
    "Zou 2007, Toward using confidence intervals to compare correlations, Psychological Methods 12"
)
VACH_GERKE_2023 = Source("Vach & Gerke 2023, Gwet's AC1 is not a substitute for Cohen's kappa, MethodsX 10")
FLEISS_1971 = Source(
    "Fleiss 1971, Measuring nominal scale agreement among many raters, Psychological Bulletin 76"
)
COHEN_1960 = Source(
    "Cohen 1960, A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20"
)
CICCHETTI_FEINSTEIN_1990 = Source(
    "Cicchetti & Feinstein 1990, High agreement but low kappa: II, Journal of Clinical Epidemiology 43"
)
WILSON_1927 = Source(
    "Wilson 1927, Probable inference, the law of succession, and statistical inference, JASA 22"
)
DAWID_SKENE_1979 = Source(
    "Dawid & Skene 1979, Maximum likelihood estimation of observer error-rates using the EM algorithm, "
    "Applied Statistics 28"
)
PIELOU_1966 = Source(
    "Pielou 1966, The measurement of diversity in different types of biological collections, "
    "Journal of Theoretical Biology 13"
)
HANLEY_LIPPMAN_1983 = Source(
    "Hanley & Lippman-Hand 1983, If nothing goes wrong, is everything all right?, JAMA 249"
)
HANLEY_MCNEIL_1982 = Source(
    "Hanley & McNeil 1982, The meaning and use of the area under a receiver operating characteristic curve, Radiology 143"
)
RHOADES_1993 = Source("Rhoades 1993, The Herfindahl-Hirschman index, Federal Reserve Bulletin 79")
HILL_1973 = Source(
    "Hill 1973, Diversity and evenness: a unifying notation, Ecology 54", "the number of order 2"
)
BERGSMA_2013 = Source(
    "Bergsma 2013, A bias-correction for Cramer's V and Tschuprow's T, Journal of the Korean Statistical Society 42"
)
ZECH_2018 = Source(
    "Zech et al. 2018, Variable generalization performance of a deep learning model to detect pneumonia in chest "
    "radiographs, PLoS Medicine 15"
)
LANUS_2021 = Source(
    "Lanus et al. 2021, Combinatorial testing metrics for machine learning, IEEE ICST Workshops"
)
ASUDEH_2019 = Source(
    "Asudeh, Jin & Jagadish 2019, Assessing and remedying coverage for a given dataset, ICDE"
)
NORTHCUTT_2021 = Source(
    "Northcutt, Athalye & Mueller 2021, Pervasive label errors in test sets destabilize machine learning benchmarks, "
    "NeurIPS Datasets and Benchmarks"
)

PAGE_1954 = Source("Page 1954, Continuous inspection schemes, Biometrika 41")
HAWKINS_1987 = Source("Hawkins 1987, Self-starting CUSUM charts for location and scale, The Statistician 36")
MANTEL_HAENSZEL_1959 = Source(
    "Mantel & Haenszel 1959, Statistical aspects of the analysis of data from retrospective studies of disease, "
    "Journal of the National Cancer Institute 22"
)
KORN_1998 = Source(
    "Korn & Graubard 1998, Confidence intervals for proportions with small expected number of positive counts estimated "
    "from survey data, Survey Methodology 24"
)
KOOPMAN_1984 = Source(
    "Koopman 1984, Confidence intervals for the ratio of two binomial proportions, Biometrics 40"
)
SIDDIQI_2006 = Source("Siddiqi 2006, Credit Risk Scorecards")
ENDRES_SCHINDELIN_2003 = Source(
    "Endres & Schindelin 2003, A new metric for probability distributions, IEEE Transactions on Information Theory 49"
)

THEIL_1970 = Source(
    "Theil 1970, On the estimation of relationships involving qualitative variables, "
    "American Journal of Sociology 76"
)
KAUFMAN_2012 = Source(
    "Kaufman et al. 2012, Leakage in data mining, ACM Transactions on Knowledge Discovery from Data 6"
)
BARZ_DENZLER_2020 = Source(
    "Barz & Denzler 2020, Do we train on test data? Purging CIFAR of near-duplicates, Journal of Imaging 6"
)
BRODER_1997 = Source("Broder 1997, On the resemblance and containment of documents, SEQUENCES")
BENJAMINI_HOCHBERG_1995 = Source("Benjamini & Hochberg 1995, Controlling the false discovery rate, JRSS B 57")
BENJAMINI_YEKUTIELI_2005 = Source(
    "Benjamini & Yekutieli 2005, False discovery rate-adjusted multiple confidence intervals, JASA 100"
)
AGRESTI_MIN_2005 = Source(
    "Agresti & Min 2005, Simple improved confidence intervals for comparing matched proportions, "
    "Statistics in Medicine 24"
)
COHEN_1968 = Source(
    "Cohen 1968, Weighted kappa: nominal scale agreement with provision for scaled disagreement, Psychological Bulletin 70"
)
FLEISS_COHEN_1973 = Source(
    "Fleiss & Cohen 1973, The equivalence of weighted kappa and the intraclass correlation coefficient, "
    "Educational and Psychological Measurement 33"
)


def at(source: Source, section: str) -> Source:
    """One place in a paper."""
    return replace(source, section=section)


KAMIRAN_CALDERS_2012 = Source(
    "Kamiran & Calders 2012, Data preprocessing techniques for classification without discrimination, "
    "Knowledge and Information Systems 33"
)
AIROLA_2011 = Source(
    "Airola et al. 2011, An experimental comparison of cross-validation techniques for estimating the area under the "
    "ROC curve, Computational Statistics & Data Analysis 55"
)
DELONG_1988 = Source(
    "DeLong, DeLong & Clarke-Pearson 1988, Comparing the areas under two or more correlated receiver operating "
    "characteristic curves, Biometrics 44"
)
