"""One file per subject: the forms of what comes in and goes out, and the views."""
