"""What stands around the code: settings, the dev container, CI, files' endings."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from dotenv import dotenv_values

from responses_emulator.account import environment
from tests.collection import MAY_BE_EMPTY, ROOT

BINARY = {".jpg", ".pdf", ".png"}

# What no file may hold: private keys, tokens, keys of Azure, OpenAI and GitHub.
SECRET = re.compile(
    r"""-----BEGIN\ [A-Z ]*PRIVATE\ KEY
    | \beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}
    | \b[0-9A-Za-z]{32,}JQQJ99[0-9A-Za-z]{20,}
    | \bsk-(proj-)?[0-9A-Za-z]{20,}
    | \bgh[opsu]_[0-9A-Za-z]{36}
    | (?i:key|secret|password)\W{1,6}[0-9a-f]{32}\b
    """,
    re.VERBOSE,
)


def project_files() -> list[Path]:
    """Every file that is, or would be, in the repository."""
    listed = None
    if shutil.which("git"):
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
    if listed and listed.returncode == 0:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:  # unpacked from an archive
        made = re.compile(r"\.git|\.venv|__pycache__|\..*_cache|\.env")
        paths = [
            path
            for path in ROOT.rglob("*")
            if not any(map(made.fullmatch, path.relative_to(ROOT).parts))
        ]
    return [path for path in paths if path.is_file()]


def text_files() -> list[Path]:
    return [path for path in project_files() if path.suffix not in BINARY]


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


# Files


def test_text_ends_its_lines_with_lf_and_the_last_one_too() -> None:
    files = text_files()
    wrong = [
        str(path.relative_to(ROOT))
        for path in files
        if (content := path.read_bytes())
        and (b"\r" in content or not content.endswith(b"\n"))
    ]

    assert len(files) > 50
    assert wrong == []


def test_text_is_utf_8_without_a_byte_order_mark() -> None:
    for path in text_files():
        assert not path.read_text("utf-8").startswith("\ufeff"), path


def test_no_file_holds_a_secret() -> None:
    assert [
        f"{path.relative_to(ROOT)}: {found[0][:12]}..."
        for path in text_files()
        if (found := SECRET.search(path.read_text("utf-8")))
    ] == []


@pytest.mark.parametrize(
    "secret",
    [
        "-----BEGIN RSA PRIVATE " + "KEY-----",
        "ghp_" + "a1" * 18,
        "sk-" + "proj-" + "a1" * 20,
        "API_KEY=" + "0123456789abcdef" * 2,
        "a1" * 26 + "JQQJ99" + "b2" * 13,
        ".".join(["eyJ" + "a1" * 9] * 2 + ["b2" * 9]),
    ],
)
def test_a_secret_would_be_found(secret: str) -> None:
    assert SECRET.search(f"x = '{secret}'")


def test_dotenv_files_are_not_committed() -> None:
    assert ".env" in read(".gitignore").splitlines()
    assert ROOT / ".env" not in project_files()


# .env.sample


def test_env_sample_gives_each_variable_a_reason_and_a_placeholder() -> None:
    lines = read(".env.sample").splitlines()
    names = [line.partition("=")[0] for line in lines if line and line[0] != "#"]
    values = dotenv_values(ROOT / ".env.sample", interpolate=False)

    assert names == list(values), (
        "python-dotenv reads the same, and none is there twice"
    )
    for name in names:
        index = next(i for i, line in enumerate(lines) if line.startswith(f"{name}="))
        assert lines[index - 1].startswith("# "), f"{name} has a line of why"
        value = values[name] or ""
        if name not in ("AZURE_OPENAI_API_VERSION", *MAY_BE_EMPTY):
            assert "YOUR-" in value
        if "ENDPOINT" in name:
            assert value.startswith("https://YOUR-RESOURCE.")
            assert value.endswith("/openai/v1/") == ("_V1_" in name)


def test_the_emulator_sets_every_variable_of_env_sample() -> None:
    sample = dotenv_values(ROOT / ".env.sample", interpolate=False)
    emulated = environment("http://127.0.0.1:1")

    assert set(sample) <= set(emulated)
    version = "AZURE_OPENAI_API_VERSION"
    assert sample[version] == emulated[version] == "2025-04-01-preview"


# The dev container and CI


def test_dev_container_has_what_the_samples_need() -> None:
    container = json.loads(read(".devcontainer/devcontainer.json"))

    # Debian 12 by name: for the image's default, 13, there is no Azure CLI package.
    assert container["image"] == "mcr.microsoft.com/devcontainers/python:3.12-bookworm"
    assert container["hostRequirements"]["cpus"] == 4
    assert [name for name in container["features"] if "/azure-cli:" in name]
    assert {8083, 7860} == set(container["forwardPorts"])
    assert {"8083", "7860"} == set(container["portsAttributes"])
    extensions = container["customizations"]["vscode"]["extensions"]
    assert {"ms-python.python", "charliermarsh.ruff"} <= set(extensions)


def test_dev_container_has_one_environment_for_make_and_for_the_editor() -> None:
    container = json.loads(read(".devcontainer/devcontainer.json"))

    settings = container["customizations"]["vscode"]["settings"]
    made = settings["python.defaultInterpreterPath"]
    assert made == "${workspaceFolder}/.venv/bin/python"
    assert settings["python.testing.pytestEnabled"]
    assert container["postCreateCommand"] == "make install"
    assert container["containerEnv"]["PYTHONUTF8"] == "1"


def test_every_supported_python_is_tested_and_checked() -> None:
    workflow = read(".github/workflows/test.yml")

    for version in ("3.11", "3.12", "3.13", "3.14"):
        assert f'"{version}"' in workflow
    for command in ("make test", "make check"):
        assert f"- run: {command}\n" in workflow
        assert f"\n{command}\n" in read(".ci/run")


def test_windows_and_macos_are_tested_without_make() -> None:
    job = read(".github/workflows/test.yml").partition("  without-make:\n")[2]

    assert "[windows-latest, macos-latest]" in job
    assert "- run: python -m pip install -r requirements-dev.txt\n" in job
    assert "- run: python -m pytest\n" in job
    assert "run: make" not in job


def test_ci_takes_nothing_from_the_environment_of_its_machine() -> None:
    begin = read(".ci/run").partition("\nsection()")[0]

    assert 'exec env -i PATH="$PATH" HOME=' in begin
    assert set(re.findall(r"\b([A-Z]+)=", begin)) == {"PATH", "HOME", "LANG"}


# Dependencies


def test_each_dependency_stands_in_one_place() -> None:
    project = tomllib.loads(read("pyproject.toml"))

    assert project["project"]["dynamic"] == ["dependencies"]
    dynamic = project["tool"]["setuptools"]["dynamic"]
    assert dynamic == {"dependencies": {"file": "requirements-samples.txt"}}
    name = "azure-openai-responses-emulator"
    assert project["dependency-groups"] == {"dev": [f"{name}[all]"]}
    assert project["tool"]["uv"]["sources"][name]["path"] == "emulator"
    assert "-e ./emulator[all]" in read("requirements.txt").splitlines()
    assert "uv.lock" in read(".gitignore").splitlines()


def test_actions_are_pinned_and_may_only_read() -> None:
    workflow = read(".github/workflows/test.yml")

    actions = re.findall(r"uses: (\S+)", workflow)
    assert actions
    for action in actions:
        assert re.search(r"@[0-9a-f]{40}$", action), f"{action}: pin it by commit"
    assert "permissions:\n  contents: read\n" in workflow


def test_git_keeps_lf_and_leaves_binaries_alone() -> None:
    attributes = read(".gitattributes").splitlines()

    assert "* text=auto eol=lf" in attributes
    assert {f"*{suffix} binary" for suffix in BINARY} <= set(attributes)


def test_the_emulator_has_the_licence_of_this_repository_with_it() -> None:
    assert read("emulator/LICENSE") == read("LICENSE")
