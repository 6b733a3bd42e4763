"""The command line."""

import subprocess
import sys
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from core import migrating, plugins
from core.cli import main
from core.cli.doctor import SECRET, holidays
from core.extensions import db
from tests.contract.broken.raising import raising_in


@pytest.fixture
def cli(app, monkeypatch):
    """Run ``storeboard ...`` on the test's database: ``cli("user", "list", input="...")``."""
    for name in ("DATABASE_URL", "HOME", "LANGUAGE"):
        monkeypatch.setenv(f"STOREBOARD_{name}", str(app.config[name]))

    def run(*words, **given):
        return CliRunner().invoke(main, [str(word) for word in words], **given)

    return run


def test_asking_for_help_loads_no_web_framework_and_no_database():
    heavy = "[name for name in ('flask', 'sqlalchemy', 'pandas', 'weasyprint') if name in sys.modules]"
    code = f"import sys, core.cli; core.cli.main(['--help'], standalone_mode=False); sys.exit(str({heavy} or ''))"

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert run.stderr.strip() == ""
    assert "audit" in run.stdout


def test_a_terminal_without_chinese_letters_gets_their_numbers():
    assert "--store NAME  \\u6240\\u5c5e" in CliRunner(charset="latin-1").invoke(main, ["import", "--help"]).output


@pytest.mark.parametrize("name", main.list_commands(None))
def test_every_command_explains_itself(name):
    result = CliRunner().invoke(main, [name, "--help"])

    assert result.exit_code == 0
    assert "--help" in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["frobnicate"], "没有 'frobnicate' 这个命令。"),
        (["serve", "--port", "abc"], "'--port' 的值无效：'abc' 不是有效的数字。"),
        (["serve", "--port", "70000"], "'--port' 的值无效：70000 不在 0<=x<=65535 范围内。"),
        (["import", "--store"], "选项 '--store' 后面要写值。"),
    ],
)
def test_a_mistake_of_use_is_told_in_chinese(words, said):
    result = CliRunner().invoke(main, words)

    assert result.exit_code == 2
    assert said in result.output


def test_an_address_that_is_not_this_machines_is_told_from_a_port_that_is_taken(cli):
    assert "1.2.3.4 is no address of this machine" in cli("serve", "--host", "1.2.3.4").output


def test_the_first_administrator_is_made_by_command(cli, client):
    added = cli(
        "user", "add", "root", "--admin", "--team", "operations:lead", "--password-stdin", input="long enough 1\n"
    )

    assert added.exit_code == 0, added.output
    assert cli("user", "list").output == "root\troot\toperations:lead\tadministrator\n"


def test_a_password_is_asked_for_twice(cli):
    assert cli("user", "add", "li", input="long enough 1\nlong enough 1\n").exit_code == 0
    assert cli("user", "add", "wang", input="long enough 1\nanother one 2\n").exit_code != 0


def test_a_team_that_is_not_there_is_refused_with_a_sentence(cli):
    result = cli("user", "add", "li", "--team", "pirates", "--password-stdin", input="long enough 1\n")

    assert result.exit_code == 1
    assert result.output.startswith("Error: ")


def test_a_user_is_disabled_and_gets_another_password_by_command(cli, make_user):
    make_user("root", admin=True)
    make_user("li")

    assert cli("user", "password", "li", "--password-stdin", input="quite another 3\n").exit_code == 0
    assert cli("user", "disable", "li").exit_code == 0
    assert "li\tli\t\tdisabled" in cli("user", "list").output


def test_nobody_of_that_name_is_an_error(cli):
    result = cli("user", "disable", "ghost")

    assert (result.exit_code, result.output) == (1, "Error: Nobody has the log-in name ghost.\n")


def test_doctor_is_content_with_a_sound_installation_and_shows_no_secret(cli, app):
    result = cli("doctor")

    assert result.exit_code == 0, result.output
    assert "[broken]" not in result.output
    assert app.config["SECRET_KEY"] not in result.output
    assert "SECRET_KEY = ***" in result.output


def test_doctor_masks_the_databases_password(make_app):
    from core.cli.doctor import shown_settings

    app = make_app(QUEUE_URL="redis://:hunter2@localhost/0")

    assert dict(shown_settings(app))["QUEUE_URL"] == "redis://:***@localhost/0"
    assert all(value == "***" for name, value in shown_settings(app) if any(word in name for word in SECRET))


def test_doctor_warns_a_month_before_the_published_holidays_end(monkeypatch):
    def level(days):
        monkeypatch.setattr("core.board.calendar.published_until", lambda: date.today() + timedelta(days))
        return next(holidays(None))[0]

    assert [level(31), level(30), level(29), level(-1)] == ["ok", "ok", "warning", "warning"]


def test_doctor_finds_a_database_that_is_behind(cli, app):
    with app.app_context():
        migrating.downgrade("design")

    result = cli("doctor")

    assert result.exit_code == 1
    assert "[broken] The tables of design are not at the newest version." in result.output


def test_serve_refuses_a_database_that_is_behind(cli, app):
    with app.app_context():
        migrating.downgrade("design")

    result = cli("serve", "--port", "0")

    assert result.exit_code == 1
    assert "storeboard upgrade" in result.output


@pytest.mark.parametrize(
    "words", [("user", "list"), ("audit", "verify"), ("import", "x.csv", "--store", "S"), ("worker",)]
)
def test_no_command_begins_on_a_database_that_is_behind(cli, app, words):
    with app.app_context():
        migrating.downgrade("design")

    result = cli(*words)

    assert (result.exit_code, result.output.count("storeboard upgrade")) == (1, 1)


def test_the_first_command_makes_the_database(cli, monkeypatch, tmp_path):
    new = tmp_path / "new"
    monkeypatch.setenv("STOREBOARD_HOME", str(new))
    monkeypatch.setenv("STOREBOARD_DATABASE_URL", f"sqlite:///{new / 'storeboard.sqlite3'}")

    assert cli("user", "add", "root", "--admin", "--password-stdin", input="long enough 1\n").exit_code == 0
    assert cli("user", "list").output == "root\troot\t\tadministrator\n"
    assert "[broken]" not in cli("doctor").output


@pytest.mark.parametrize("url", ["nonsense", "postgresql+psycopg://nobody@127.0.0.1:1/none"])
def test_a_database_that_is_not_there_ends_the_command_with_a_sentence(cli, monkeypatch, url):
    monkeypatch.setenv("STOREBOARD_DATABASE_URL", url)

    result = cli("user", "list")

    assert result.exit_code == 1
    assert result.output.startswith("Error: ")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("TRUSTED_PROXIES", "-1"),
        ("MAX_CONTENT_LENGTH", "64MB"),
        ("SECURE_COOKIES", "ture"),
        ("TIME_ZONE", "Asia"),
        ("LANGUAGE", "fr"),
        ("PUBLIC_URL", "desk.example"),
        ("DATABASE_URL", "nonsense"),
        ("SECRET_KEY", "short"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_its_name(cli, monkeypatch, name, given):
    monkeypatch.setenv(f"STOREBOARD_{name}", given)

    result = cli("user", "list")

    assert result.exit_code == 1
    assert result.output.startswith("Error: STOREBOARD_" + name)


def test_upgrade_brings_it_to_the_newest_version(cli, app):
    with app.app_context():
        migrating.downgrade("design")

    assert cli("upgrade").exit_code == 0
    with app.app_context():
        assert migrating.behind() == []


def test_plugin_list_tells_what_is_on_and_what_is_off(cli, monkeypatch):
    assert "\ton\t" in cli("plugin", "list").output

    monkeypatch.setenv("STOREBOARD_PLUGINS_DISABLED", "design")
    design = next(line for line in cli("plugin", "list").output.splitlines() if line.startswith("design"))
    assert design.rstrip().endswith("\toff")


def test_plugin_list_says_why_a_plugin_failed(cli, monkeypatch):
    real = plugins._imported
    monkeypatch.setattr(plugins, "_imported", lambda ep: raising_in("teams") if ep.name == "design" else real(ep))

    assert "\tfailed\tteams fails: Broken('teams')" in cli("plugin", "list").output


def test_a_plugin_that_is_disabled_but_not_installed_ends_the_command_with_a_sentence(cli, monkeypatch):
    monkeypatch.setenv("STOREBOARD_PLUGINS_DISABLED", "ghost")

    for words in (("plugin", "list"), ("frobnicate",)):
        result = cli(*words)
        assert (result.exit_code, result.output) == (
            1,
            "Error: STOREBOARD_PLUGINS_DISABLED: no plugin is called ghost.\n",
        )


def test_audit_verify_fails_when_a_line_was_added_behind_the_end(cli, app, make_user):
    cli("user", "add", "root", "--admin", "--password-stdin", input="long enough 1\n")
    assert cli("audit", "verify").exit_code == 0

    with app.app_context(), db.engine.begin() as link:
        columns = ", ".join(column.name for column in db.metadata.tables["event"].columns if column.name != "id")
        link.execute(
            text(f"INSERT INTO event (id, {columns}) SELECT max(id) + 1, {columns} FROM event GROUP BY {columns}")
        )

    assert cli("audit", "verify").exit_code == 1
