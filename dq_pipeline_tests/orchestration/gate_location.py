"""A code location for scenarios in processes of their own: files in the folder GATE_WORLD say what happens.

`data` (or the variable GATE_DATA) is what images holds, good or bad; `hang` names the op that waits until it is killed
or the file says something else, and that writes `hanging` meanwhile.
"""

import os
import sys
import time
from pathlib import Path

import dagster as dg

from dq_pipeline import gated


def folder():
    return Path(os.environ["GATE_WORLD"])


def said(name):
    path = folder() / name
    return path.read_text().strip() if path.exists() else ""


def maybe_hang(name):
    while said("hang") == name:
        (folder() / "hanging").write_text(name)
        time.sleep(0.05)


@dg.asset
def images():
    maybe_hang("images")
    return os.environ.get("GATE_DATA") or said("data")


@dg.asset_check(asset=images, blocking=True)
def agreement(images):
    maybe_hang("agreement")
    return dg.AssetCheckResult(passed=images == "good")


@gated
@dg.asset
def model(images):
    maybe_hang("model")
    with (folder() / "built").open("a") as built:
        built.write(f"{images}\n")
    return images


@dg.asset
def plain(model):
    return model


chain = dg.define_asset_job("chain", dg.AssetSelection.assets("images", "model"))
defs = dg.Definitions(assets=[images, model, plain], asset_checks=[agreement], jobs=[chain])


def chain_job():
    """For `reconstructable`."""
    return defs.resolve_job_def("chain")


if __name__ == "__main__":
    with dg.DagsterInstance.get() as opened:
        chosen = dg.AssetSelection.assets(*sys.argv[1:])
        ended = dg.materialize(
            [images, model, agreement], selection=chosen, instance=opened, raise_on_error=False
        )
    sys.exit(0 if ended.success else 1)
