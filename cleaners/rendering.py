"""HTML to text, once: the visible text of the whole page, one line per block, with facts of the DOM per line.

Nothing is judged here. A browser's parser (Lexbor, HTML5) reads the page, at any depth; what a reader of the
page can see becomes text in reading order, and what no reader sees (scripts, styles, hidden elements) is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from winnow.cleaners.elements import BLOCKS, Kind, inherited_by, kind_of, root_kind
from winnow.cleaners.metadata import Metadata, read_metadata
from winnow.cleaners.page import Block

_UNSEEN = frozenset(
    "applet audio base canvas datalist embed head iframe input link map meta noembed noframes noscript object param "
    "script source style svg template track video".split()
)
_LINKS = frozenset(("a", "button"))  # style sets them apart, where no space does
_CELLS = frozenset(("td", "th"))
_HIDING_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_CONTROLS = re.compile(r"[ \x00-\x1f\x7f-\x9f]+")

# More attributes in one tag than any page has by design; every parser is quadratic in them (100,000 took 18 s).
_MOST_ATTRIBUTES = 1_000
_LONG_TAG = 8_000  # code points
_TAG = re.compile(r"([a-zA-Z][^\s/>]*)([^>]+)>")

# Code points. A page that shows less than the first and holds more than the second waits for its scripts: on 1,358
# development pages these were 23 forums and shells of applications, whose text stands in <noscript> or is hidden.
_NEXT_TO_NOTHING, _A_TEXT = 200, 1_000


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page as text."""

    text: str
    """One line per block, each with its line end."""
    blocks: tuple[Block, ...]
    """One for each line."""
    metadata: Metadata


@dataclass(slots=True)
class _Line:
    parts: list[str] = field(default_factory=list)
    characters: int = 0
    linked: int = 0
    cell_ended: bool = False
    link_ended: bool = False
    origin: Kind | None = None
    containers: tuple[int, ...] = ()


# How a page begins (WHATWG "MIME sniffing", 7.1, without the elements that a text may well begin with), and
# how a piece of one does and goes on.
_PAGE = re.compile(
    r"\ufeff?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?>.*?-->)\s*)*+<(?:!doctype\s+html|html|head|body)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_PIECE = re.compile(r"\s*<(?:h1|div|table|p|article|section|main|meta|script|style|title)[\s>]", re.IGNORECASE)
_END_TAG = re.compile(r"</[a-zA-Z][a-zA-Z0-9]*\s*>")
_FEWEST_END_TAGS = 2
_PRESCAN = 16_384  # code points: comments and a long script may stand before the first element


def is_html(text: str) -> bool:
    """Whether a text is a page, or a piece of one, by how it begins."""
    head = text[:_PRESCAN]
    if _PAGE.match(head):
        return True
    return _PIECE.match(head) is not None and len(_END_TAG.findall(head)) >= _FEWEST_END_TAGS


def render(markup: str) -> Rendered:
    """The visible text of a page. Linear in the page; never raises for what stands in it."""
    parser = LexborHTMLParser(_without_surplus(markup))
    lines = _lines_of(parser.root, _Lines())
    if (shown := sum(len(text) for text, _ in lines)) < _NEXT_TO_NOTHING:
        everything = _lines_of(parser.root, _Lines(before_scripts=True))
        if not shown or sum(len(text) for text, _ in everything) > _A_TEXT:
            lines = everything
    text, blocks = "".join(f"{text}\n" for text, _ in lines), tuple(block for _, block in lines)
    return Rendered(text, blocks, read_metadata(parser))


def _without_surplus(markup: str) -> str:
    """The page without the attributes of tags that have so many that none of them can be meant."""
    pieces = markup.split("<")
    for number, piece in enumerate(pieces):
        if len(piece) > _LONG_TAG and (tag := _TAG.match(piece)) and len(tag[2].split()) > _MOST_ATTRIBUTES:
            pieces[number] = f"{tag[1]}>{piece[tag.end() :]}"
    return "<".join(pieces)


def _lines_of(root: LexborNode | None, lines: _Lines) -> list[tuple[str, Block]]:
    if root is not None:
        _walk(root, lines)
    lines.end()
    return lines.done


def _walk(root: LexborNode, lines: _Lines) -> None:
    """Depth first, without recursion: pages nest as deep as they like."""
    node: LexborNode | None = root
    above: list[LexborNode] = []
    while node is not None:
        if lines.enter(node):
            if (below := node.child) is not None:
                above.append(node)
                node = below
                continue
            lines.leave()
        while (following := node.next) is None:
            if not above:
                return
            node = above.pop()
            lines.leave()
        node = following


class _Lines:
    """Collects text into lines while the tree is walked.

    `before_scripts`: for a page that shows nothing until its scripts ran. What it hides until then, and what it
    says to readers without scripts, is all that there is of it.
    """

    def __init__(self, *, before_scripts: bool = False) -> None:
        self._before_scripts = before_scripts
        self.done: list[tuple[str, Block]] = []
        self._open: list[Kind] = [root_kind()]
        self._numbers = [0]  # of the open elements; 0 for those that are no blocks
        self._line = _Line()
        self._containers = 0

    @property
    def depth(self) -> int:
        """How many elements are open."""
        return len(self._open) - 1

    def enter(self, node: LexborNode) -> bool:
        """Take a node in; whether it is an element whose children are to be seen."""
        tag = node.tag or ""
        if tag == "-text":
            text = node.text_content or ""
            if not text.isspace():
                self._text(text)
            elif self._line.characters:
                self._inline(" ")
            return False
        attributes = node.attributes
        if tag[:1] == "-" or self._is_unseen(tag, attributes):
            return False
        if tag == "br":
            self.end()
            return False
        self._open_element(tag, attributes)
        return True

    def _is_unseen(self, tag: str, attributes: dict[str, str | None]) -> bool:
        if self._before_scripts:
            return tag in _UNSEEN and tag != "noscript"
        return tag in _UNSEEN or (bool(attributes) and _is_hidden(tag, attributes))

    def _open_element(self, tag: str, attributes: dict[str, str | None]) -> None:
        number = 0
        if tag in BLOCKS:
            self._containers += 1
            number = self._containers
            if tag in _CELLS:
                self._cell()
            elif self._line.parts:
                self.end()
        elif tag in _LINKS and self._line.link_ended:
            self._inline(" ")
        self._open.append(kind_of(tag, attributes, self._open[-1]))
        self._numbers.append(number)
        if tag == "li":
            self._line.parts.append("- ")

    def leave(self) -> None:
        """Close the innermost element."""
        tag = self._open.pop().tag
        self._numbers.pop()
        if self._line.parts and tag in BLOCKS and tag not in _CELLS:
            self.end()
        self._line.link_ended = tag in _LINKS and self._line.characters > 0
        if tag == "li":
            self._line = _Line()  # its bullet, if nothing followed

    def end(self) -> None:
        """End the line, if it holds something."""
        line = self._line
        if line.characters and line.origin is not None:
            self.done.append(("".join(line.parts).rstrip(), _block(line, line.origin)))
            self._line = _Line()
        elif line.parts:  # a bullet waits for its text
            self._line = _Line(["- "] if line.parts[0] == "- " else [])

    def _text(self, text: str) -> None:
        if self._open[-1].verbatim and "\n" in text.strip("\n"):
            for part in text.split("\n"):
                self._inline(part.rstrip(), verbatim=True)
                self.end()
        else:
            self._inline(_spaced(text))

    def _inline(self, text: str, *, verbatim: bool = False) -> None:
        line = self._line
        visible = len(text) - text.count(" ")
        if not visible:
            if line.characters and text and not line.parts[-1].endswith(" "):
                line.parts.append(" ")
            return
        if text[0] == " " and not verbatim and (not line.characters or line.parts[-1].endswith(" ")):
            text = text[1:]
        if line.cell_ended:
            line.cell_ended = False
            line.parts.append(" | ")
        line.parts.append(text)
        line.characters += visible
        line.link_ended = False
        if self._open[-1].link:
            line.linked += visible
        if line.origin is None:
            line.origin = self._open[-1]
            near = [number for number in self._numbers[-_NEAR:] if number]
            line.containers = tuple(near[-_MOST_CONTAINERS:])

    def _cell(self) -> None:
        """The cells of a row stand on one line, as long as they hold no blocks."""
        self._line.cell_ended = self._line.characters > 0


def _spaced(text: str) -> str:
    """The text with every run of white space and control characters as one space."""
    words = text.split()
    if not words:
        return " " if text else ""
    spaced = " ".join(words)
    if text[0].isspace():
        spaced = " " + spaced
    if text[-1].isspace():
        spaced += " "
    return spaced if spaced.isprintable() else _CONTROLS.sub(" ", spaced)


def _is_hidden(tag: str, attributes: dict[str, str | None]) -> bool:
    if "hidden" in attributes and (attributes["hidden"] or "").lower() != "until-found":
        return True
    if "style" in attributes and _HIDING_STYLE.search(attributes["style"] or ""):
        return True
    return tag == "dialog" and "open" not in attributes


_NEAR = 64  # open elements looked at for them: pages nest as deep as they like
_MOST_CONTAINERS = 8  # block elements around a line that are told apart: the innermost


def _block(line: _Line, kind: Kind) -> Block:
    path, names, tags = inherited_by(kind)
    return Block(
        " > ".join(path),
        kind.block,
        names,
        tags,
        kind.depth,
        round(line.linked / line.characters, 3),
        kind.heading,
        line.containers,
    )
