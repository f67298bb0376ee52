"""Fingerprints told again without reading a file that nobody touched."""

from __future__ import annotations

import os
import time

import pytest

from dq_pipeline.tables import KnownVersions, file_version, known_versions, read_sealed, write_sealed


@pytest.fixture
def known(tmp_path, monkeypatch):
    monkeypatch.setattr(known_versions, "SETTLED", 0)
    file = tmp_path / "a.parquet"
    file.write_bytes(b"one")
    time.sleep(0.02)

    def asked():
        versions = KnownVersions(tmp_path / "files.json")
        told = versions(file)
        versions.keep()
        return told

    return file, asked


def test_a_file_that_was_left_alone_is_not_read_again(known):
    file, asked = known
    assert asked() == file_version(file)
    kept = file.with_name("files.json")
    ((name, told),) = read_sealed(kept).items()
    write_sealed(kept, {name: [*told[:-1], "what was read before"]})
    assert asked() == "what was read before"


def test_a_change_that_keeps_size_and_time_of_writing_is_seen(known):
    file, asked = known
    asked()
    stat = file.stat()
    file.write_bytes(b"two")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (stat.st_size, stat.st_mtime_ns)
    assert asked() == file_version(file)


def test_a_file_put_in_its_place_is_read(known):
    file, asked = known
    asked()
    other = file.with_name("b.parquet")
    other.write_bytes(b"two")
    other.replace(file)
    assert asked() == file_version(file)


def test_a_file_just_written_is_not_trusted(known, monkeypatch):
    file, _ = known
    monkeypatch.setattr(known_versions, "SETTLED", 10**15)
    versions = KnownVersions(file.with_name("files.json"))
    versions(file)
    versions.keep()
    assert not file.with_name("files.json").exists()


def test_what_is_damaged_knows_nothing(known):
    file, asked = known
    asked()
    file.with_name("files.json").write_text("[", encoding="utf-8")
    assert asked() == file_version(file)
