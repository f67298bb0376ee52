"""Verdicts as JUnit XML: one test case a check, so that a CI job shows them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from dq_pipeline.audit import Audit

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(audit: Audit) -> str:
    """The report: a block that closes the gate is a failure, too little data is skipped, a warning passes with its words."""
    suite = ET.Element("testsuite", name=audit.spec.dataset, tests=str(len(audit.verdicts)))
    suite.set("failures", str(sum(verdict.blocking for verdict in audit.verdicts)))
    suite.set("skipped", str(sum(v.verdict == "insufficient" and not v.blocking for v in audit.verdicts)))
    for verdict in audit.verdicts:
        case = ET.SubElement(
            suite, "testcase", classname=f"{audit.spec.dataset}.{verdict.table}", name=verdict.check
        )
        words = _NOT_XML.sub("\ufffd", f"{verdict.sentence} {verdict.remedy}".strip())
        if verdict.blocking:
            ET.SubElement(case, "failure", message=words, type=verdict.verdict)
        elif verdict.verdict == "insufficient":
            ET.SubElement(case, "skipped", message=words)
        else:
            waiver = verdict.waiver
            under = f", waived by {waiver.owner} until {waiver.expires}: {waiver.reason}" if waiver else ""
            ET.SubElement(case, "system-out").text = _NOT_XML.sub(
                "\ufffd", f"{verdict.verdict}{under}: {words}"
            )
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True)
