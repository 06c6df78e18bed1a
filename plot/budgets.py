"""What one chart may cost. Everything here is checked before there is a figure to draw on.

Each limit stands well below what was measured to hurt with matplotlib 3.11 on two cores: 10,000
bars take 8 s, 5,000 text categories 21 s, a title of 100,000 characters 13 s.
"""

PIXELS = 8_000_000  # width times height, after scale
SIDE = 8_000  # pixels of width or height, before scale
ROWS = 1_000_000
COLUMNS = 1_000  # sent, drawn or not
CELLS = 5_000_000  # rows times columns: sparse records and short CSV rows grow in a table
SERIES = 50
CATEGORIES = 200  # the last of them stands for the rest
LINES = 20
NOTES = 50
FAULTS = 20  # that one refusal names
BINS = 500
TEXT = 200  # characters of a title, a label, a column's name; text among the data is cut there
MAGNITUDE = 1e100  # of a number: its square, its sums and its reciprocal are floats
ANSWER = 4_500_000  # bytes of an image: base64 makes 6 MB of them, Lambda's limit
SHAPES = 20_000  # points up to which an SVG or PDF has each as a shape; more are pixels in it
