"""What counts as a number where a label is a text."""

NUMBER = r"[-+]?([0-9]{1,30}([.][0-9]{0,60})?|[.][0-9]{1,60})([eE][-+]?[0-9]{1,2})?"
"""A number as text whose square a double holds: 1e400 is none, and would make alpha undefined without a word.

Every engine reads it alike: it has no groups of Perl's and no backslash."""
