import click
import pytest
from click.testing import CliRunner

from ci_publish.cli.options import lines, option


@click.command("copy-all")
@option("--tag", multiple=True)
@option("--dry-run", is_flag=True)
@option("--jobs", type=int, default=4)
def command(tag: tuple[str, ...], jobs: int, *, dry_run: bool) -> None:
    click.echo(f"{tag} {dry_run} {jobs}")


def printed(*arguments: str, **environ: str) -> str:
    result = CliRunner().invoke(command, arguments, env=environ, prog_name="copy-all")
    assert result.exit_code == 0, result.output
    return result.output.strip()


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "() False 4"),
        ({"CI_PUBLISH_COPY_ALL_JOBS": "7"}, "() False 7"),
        ({"CI_PUBLISH_JOBS": "7"}, "() False 7"),
        ({"CI_PUBLISH_COPY_ALL_JOBS": "7", "CI_PUBLISH_JOBS": "8"}, "() False 7"),
        ({"CI_PUBLISH_DRY_RUN": "true"}, "() True 4"),
        ({"CI_PUBLISH_DRY_RUN": "false"}, "() False 4"),
        ({"CI_PUBLISH_JOBS": "", "CI_PUBLISH_DRY_RUN": "", "CI_PUBLISH_TAG": ""}, "() False 4"),
        ({"CI_PUBLISH_TAG": "a b\nc"}, "('a b\\nc',) False 4"),
    ],
)
def test_option_is_read_from_the_environment(environ: dict[str, str], expected: str) -> None:
    assert printed(**environ) == expected


def test_argument_wins_over_the_environment() -> None:
    assert printed("--jobs", "2", "--tag", "x", CI_PUBLISH_JOBS="7", CI_PUBLISH_TAG="y") == "('x',) False 2"


def test_help_does_not_depend_on_the_environment() -> None:
    assert printed("--help") == printed("--help", CI_PUBLISH_JOBS="7")


@pytest.mark.parametrize(
    ("values", "expected"),
    [((), ()), (("a", "b"), ("a", "b")), (("a\nb\r\n  c \n\n",), ("a", "b", "c")), (("", " "), ())],
)
def test_lines_are_the_items_of_all_values(values: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert lines(values) == expected
