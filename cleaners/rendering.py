"""HTML to text, once: the visible text of the whole page, one line per block, with facts of the DOM per line.

Nothing is judged here. A browser's parser (Lexbor, HTML5) reads the page, at any depth; what a reader of the
page can see becomes text in reading order, and what no reader sees (scripts, styles, hidden elements) is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from winnow.cleaners.metadata import Metadata, read_metadata
from winnow.cleaners.page import Block

_BLOCKS = frozenset(
    """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol optgroup option p
    plaintext pre search section select summary table tbody td tfoot th thead title tr ul xmp
    """.split()
)
_UNSEEN = frozenset(
    "applet audio base canvas datalist embed head iframe link map meta noembed noframes noscript object param "
    "script source style svg template track video".split()
)
_VERBATIM = frozenset(("listing", "plaintext", "pre", "textarea", "xmp"))
_LINKS = frozenset(("a", "button"))  # style sets them apart, where no space does
_CELLS = frozenset(("td", "th"))
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_HIDING_STYLE = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_WORD = re.compile(r"[a-z]+|[A-Z][a-z]*")

# More attributes in one tag than any page has by design; every parser is quadratic in them (100,000 took 18 s).
_MOST_ATTRIBUTES = 1_000
_LONG_TAG = re.compile(r"(<[a-zA-Z][^\s/<>]*)([^<>]{8000,})>")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page as text."""

    text: str
    """One line per block, each with its line end."""
    blocks: tuple[Block, ...]
    """One for each line."""
    metadata: Metadata


@dataclass(slots=True)
class _Element:
    """An open element: what its descendants inherit."""

    tag: str
    label: str
    names: frozenset[str]
    tags: frozenset[str]
    block: str
    heading: int
    verbatim: bool
    link: bool


@dataclass(slots=True)
class _Line:
    parts: list[str] = field(default_factory=list)
    characters: int = 0
    linked: int = 0
    cell_ended: bool = False
    link_ended: bool = False
    origin: tuple[_Element, ...] = ()


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
    markup = _LONG_TAG.sub(_without_surplus, markup)
    parser = LexborHTMLParser(markup)
    lines = _Lines()
    if parser.root is not None:
        _walk(parser.root, lines)
    lines.end()
    text, blocks = "".join(f"{text}\n" for text, _ in lines.done), tuple(block for _, block in lines.done)
    return Rendered(text, blocks, read_metadata(parser))


def _without_surplus(tag: re.Match[str]) -> str:
    """A tag with so many attributes that none of them can be meant, without them."""
    return f"{tag.group(1)}>" if len(tag.group(2).split()) > _MOST_ATTRIBUTES else tag.group()


def _walk(root: LexborNode, lines: _Lines) -> None:
    """Depth first, without recursion: pages nest as deep as they like."""
    node: LexborNode | None = root
    while node is not None:
        entered = lines.enter(node)
        below = node.child if entered else None
        if below is not None:
            node = below
            continue
        if entered:
            lines.leave()
        while node is not None and node.next is None:
            node = node.parent
            if node is None or lines.depth == 0:
                return
            lines.leave()
        node = node.next if node is not None else None


class _Lines:
    """Collects text into lines while the tree is walked."""

    def __init__(self) -> None:
        self.done: list[tuple[str, Block]] = []
        self._open: list[_Element] = []
        self._line = _Line()

    @property
    def depth(self) -> int:
        """How many elements are open."""
        return len(self._open)

    def enter(self, node: LexborNode) -> bool:
        """Take a node in; whether it is an element whose children are to be seen."""
        tag = node.tag or ""
        if tag == "-text":
            self._text(node.text_content or "")
            return False
        if tag.startswith("-") or tag in _UNSEEN or (attributes := _attributes(node)) is None:
            return False
        parent = self._open[-1] if self._open else None
        if tag == "br":
            self.end()
            return False
        if tag in _CELLS:
            self._cell()
        elif tag in _BLOCKS:
            self.end()
        elif tag in _LINKS and self._line.link_ended:
            self._inline(" ")
        self._open.append(_element(tag, attributes, parent))
        if tag == "li":
            self._line.parts.append("- ")
        return True

    def leave(self) -> None:
        """Close the innermost element."""
        tag = self._open.pop().tag
        if tag in _BLOCKS and tag not in _CELLS:
            self.end()
        self._line.link_ended = tag in _LINKS and self._line.characters > 0
        if tag == "li":
            self._line = _Line()  # its bullet, if nothing followed

    def end(self) -> None:
        """End the line, if it holds something."""
        line, self._line = self._line, _Line()
        text = "".join(line.parts).rstrip()
        if line.characters:
            self.done.append((text, _block(line)))
        elif text:  # a bullet that waits for its text
            self._line.parts.append("- ")

    def _text(self, text: str) -> None:
        if self._open and self._open[-1].verbatim and "\n" in text.strip("\n"):
            for part in text.split("\n"):
                self._inline(part.rstrip(), verbatim=True)
                self.end()
            return
        self._inline(_SPACE.sub(" ", text))

    def _inline(self, text: str, *, verbatim: bool = False) -> None:
        visible = len(text) - text.count(" ")
        if not visible:
            if self._line.characters and text and not self._line.parts[-1].endswith(" "):
                self._line.parts.append(" ")
            return
        if text[0] == " " and not verbatim and (not self._line.characters or self._line.parts[-1].endswith(" ")):
            text = text[1:]
        if self._line.cell_ended:
            self._line.cell_ended = False
            self._line.parts.append(" | ")
        self._line.parts.append(text)
        self._line.characters += visible
        self._line.link_ended = False
        if self._open and self._open[-1].link:
            self._line.linked += visible
        if not self._line.origin:
            self._line.origin = tuple(self._open)

    def _cell(self) -> None:
        """The cells of a row stand on one line, as long as they hold no blocks."""
        self._line.cell_ended = self._line.characters > 0


def _attributes(node: LexborNode) -> dict[str, str] | None:
    """The attributes of a visible element, None of a hidden one."""
    found = {name: value or "" for name, value in node.attributes.items()}
    if "hidden" in found and found["hidden"].lower() != "until-found":
        return None
    if "style" in found and _HIDING_STYLE.search(found["style"]):
        return None
    if node.tag == "input" or (node.tag == "dialog" and "open" not in found):
        return None
    return found


def _element(tag: str, attributes: dict[str, str], parent: _Element | None) -> _Element:
    named = f"{attributes.get('id', '')} {attributes.get('class', '')} {attributes.get('role', '')}"
    words = frozenset(word.lower() for word in _WORD.findall(named[:500]))
    first = attributes.get("class", "").split()
    label = tag
    if attributes.get("id", "").strip():
        label += f"#{attributes['id'].strip()[:40]}"
    elif first:
        label += f".{first[0][:40]}"
    if parent is None:
        return _Element(tag, label, words, frozenset((tag,)), tag, _HEADINGS.get(tag, 0), tag in _VERBATIM, tag == "a")
    return _Element(
        tag,
        label,
        parent.names | words if words else parent.names,
        parent.tags if tag in parent.tags else parent.tags | {tag},
        tag if tag in _BLOCKS else parent.block,
        _HEADINGS.get(tag, parent.heading),
        parent.verbatim or tag in _VERBATIM,
        parent.link or tag == "a",
    )


_LONGEST_PATH = 12  # elements told of it: the innermost


def _block(line: _Line) -> Block:
    innermost = line.origin[-1]
    path = " > ".join(element.label for element in line.origin[-_LONGEST_PATH:] if element.tag != "html")
    return Block(
        path,
        innermost.block,
        innermost.names,
        innermost.tags,
        len(line.origin),
        round(line.linked / line.characters, 3),
        innermost.heading,
    )
