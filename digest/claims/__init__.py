"""Does a report say what a German sentence of ours says? What it does not bear out is not printed."""
