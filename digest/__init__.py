"""From the archive to a German weekly issue: select, write, check, render."""
