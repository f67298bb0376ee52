"""What the user writes: pydantic models, loading, and errors that name file, line and key."""

from dq_pipeline.spec.errors import InputError
from dq_pipeline.spec.load import load_spec, parse, spec_from, spec_of_text
from dq_pipeline.spec.model import Spec
from dq_pipeline.spec.source import SpecSource

__all__ = ["InputError", "Spec", "SpecSource", "load_spec", "parse", "spec_from", "spec_of_text"]
