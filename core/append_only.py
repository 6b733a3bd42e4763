"""Tables whose rows are added and never changed, which the database itself sees to."""

from typing import Any

from sqlalchemy import DDL, event


def never_changed(message: str, *models: Any) -> dict[str, list[str]]:
    """Refuse, saying ``message``, to change or delete a row; returns the triggers by dialect, for migrations."""

    def refuse(*_: Any) -> None:
        raise RuntimeError(message)

    made: dict[str, list[str]] = {}
    for model in models:
        for moment in ("before_update", "before_delete"):
            event.listen(model, moment, refuse)
        for dialect, statements in _triggers(model.__tablename__, message).items():
            made.setdefault(dialect, []).extend(statements)
            for statement in statements:
                event.listen(model.__table__, "after_create", DDL(statement).execute_if(dialect=dialect))
    return made


def _triggers(table: str, message: str) -> dict[str, list[str]]:
    return {
        "sqlite": [
            f"CREATE TRIGGER {table}_is_never_{done} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            for verb, done in (("UPDATE", "changed"), ("DELETE", "deleted"))
        ],
        "postgresql": [
            f"CREATE OR REPLACE FUNCTION {table}_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{message}'; END $$",
            f"CREATE TRIGGER {table}_is_never_changed BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_is_never_changed()",
            f"CREATE TRIGGER {table}_is_never_emptied BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_never_changed()",
        ],
    }
