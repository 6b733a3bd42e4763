"""What the log's words mean to its readers; board verbs bring their own labels."""

from core.messages import N_

EVENTS = {
    "draft": N_("drafted it"),
    "edit": N_("changed the brief"),
    "check": N_("checked"),
    "add_file": N_("added a file"),
    "comment": N_("commented"),
    "unblocked": N_("closed a task that this one waited for"),
    "blocked": N_("opened a task again that this one waits for"),
    "issue_document": N_("issued a document"),
    "print_document": N_("printed the document"),
    "import_applied": N_("imported a file"),
    "import_undone": N_("took an import back"),
    "record_edited": N_("edited the record"),
    "store_created": N_("added the store"),
    "calendar": N_("set working hours"),
    "calendar_forget": N_("left a day to the public calendar"),
    "logged_in": N_("logged in"),
    "log_in_failed": N_("failed to log in"),
    "logged_out": N_("logged out"),
    "logged_out_everywhere": N_("logged out everywhere"),
    "user_created": N_("added the user"),
    "user_changed": N_("changed the user"),
    "user_disabled": N_("disabled the user"),
    "user_enabled": N_("enabled the user"),
    "password_changed": N_("changed the password"),
}
KINDS = {
    "core.task": N_("Task"),
    "core.user": N_("User"),
    "core.store": N_("Store"),
    "core.import": N_("Import"),
    "core.document": N_("Document"),
    "core.calendar": N_("Calendar"),
}
