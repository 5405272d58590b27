"""What one asset's cost has become by a day, in one book: methods, conventions, calendars, rounding. All pure."""
