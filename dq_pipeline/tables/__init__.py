"""A table opened on an engine, its columns mapped to roles."""

from dq_pipeline.tables.ballots import Ballots, Block
from dq_pipeline.tables.bins import number
from dq_pipeline.tables.builtin import hashed, looked_up
from dq_pipeline.tables.duck import FILE_BITS, PLACE
from dq_pipeline.tables.engine import engine_errors, on_spark, write_parquet
from dq_pipeline.tables.files import file_version
from dq_pipeline.tables.known_versions import KnownVersions
from dq_pipeline.tables.labels import is_declared, labels_of
from dq_pipeline.tables.open import NUMERIC, Tables, data_version_of
from dq_pipeline.tables.predicate import holds
from dq_pipeline.tables.roles import ROW, text, with_roles
from dq_pipeline.tables.sealed import read_sealed, seal, write_sealed
from dq_pipeline.tables.split import SPELLED, SPLITS, order_of, scattered, with_split
from dq_pipeline.tables.table import Table, version_of_all
from dq_pipeline.tables.training_set import TRAINING_SET, given_names
from dq_pipeline.tables.votes import labelled
from dq_pipeline.tables.whole import UNFINISHED, whole

__all__ = [
    "FILE_BITS",
    "NUMERIC",
    "PLACE",
    "ROW",
    "SPELLED",
    "SPLITS",
    "TRAINING_SET",
    "UNFINISHED",
    "Ballots",
    "Block",
    "KnownVersions",
    "Table",
    "Tables",
    "data_version_of",
    "engine_errors",
    "file_version",
    "given_names",
    "hashed",
    "holds",
    "is_declared",
    "labelled",
    "labels_of",
    "looked_up",
    "number",
    "on_spark",
    "order_of",
    "read_sealed",
    "scattered",
    "seal",
    "text",
    "version_of_all",
    "whole",
    "with_roles",
    "with_split",
    "write_parquet",
    "write_sealed",
]
