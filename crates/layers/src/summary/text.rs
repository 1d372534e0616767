//! Text in colours, measured in the cells of a terminal, as the tables of Keras 3 set it.

use std::fmt::{self, Formatter, Write};

use ceratops_core::is_printable;
use unicode_width::UnicodeWidthChar;

/// What a piece of text is, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Bold,
    Class,
    Number,
    /// The length of an open axis, `None`.
    Open,
    Yes,
    No,
}

impl Ink {
    /// The parameters of the escape sequence, for a terminal of 256 colours.
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Bold => Some("1"),
            Self::Class => Some("38;5;33"),
            Self::Number => Some("38;5;34"),
            Self::Open => Some("38;5;45"),
            Self::Yes => Some("1;38;5;34"),
            Self::No => Some("1;91"),
        }
    }
}

/// Where the text of a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Right,
    Center,
}

/// Characters, each with its ink.
#[derive(Debug, Clone, Default)]
pub(super) struct Text(Vec<(char, Ink)>);

impl Text {
    pub(super) fn new(text: impl AsRef<str>, ink: Ink) -> Self {
        Self::default().with(text, ink)
    }

    /// A run of spaces.
    pub(super) fn blank(width: usize, ink: Ink) -> Self {
        Self(vec![(' ', ink); width])
    }

    /// This text, and `text` behind it.
    pub(super) fn with(mut self, text: impl AsRef<str>, ink: Ink) -> Self {
        // A line break or an escape sequence within a name must not break the table.
        let printable = |c: char| if is_printable(c) { c } else { ' ' };
        self.0.extend(text.as_ref().chars().map(|c| (printable(c), ink)));
        self
    }

    /// This text, and another one behind it.
    pub(super) fn followed_by(mut self, mut other: Self) -> Self {
        self.0.append(&mut other.0);
        self
    }

    /// How many cells it takes in one line.
    pub(super) fn width(&self) -> usize {
        cells(&self.0)
    }

    /// Breaks the text at its spaces into lines of exactly `width` cells. A word that is too long
    /// for a line gets one to itself, and is cut there. No lines if `width` is 0.
    pub(super) fn wrap(&self, width: usize, align: Align, fill: Ink) -> Vec<Self> {
        if width == 0 {
            return Vec::new();
        }
        let (mut lines, mut line, mut used) = (Vec::new(), Vec::new(), 0);
        // A word takes the spaces behind it along.
        for word in self.0.chunk_by(|(a, _), (b, _)| !a.is_whitespace() || b.is_whitespace()) {
            let fits = used + cells(trim_end(word)) <= width;
            if !fits && !trim_end(&line).is_empty() {
                lines.push(Self(std::mem::take(&mut line)));
                used = 0;
            }
            line.extend_from_slice(word);
            used += cells(word);
        }
        lines.push(Self(line));
        lines.into_iter().map(|line| line.fit(width, align, fill)).collect()
    }

    /// The line in exactly `width` cells: cut with an ellipsis, or filled up.
    fn fit(mut self, width: usize, align: Align, fill: Ink) -> Self {
        let words = trim_end(&self.0).len();
        // A line that stands left loses the spaces at its end only as far as its characters, not
        // its cells, are too many. It shows where wide characters end in a space.
        let kept = if align == Align::Left { words.max(width) } else { words };
        self.0.truncate(kept);
        if cells(&self.0) > width {
            self.cut(width - 1);
        }
        let gap = width.saturating_sub(cells(&self.0));
        let before = match align {
            Align::Left => 0,
            Align::Right => gap,
            Align::Center => gap / 2,
        };
        let mut line = Self::blank(before, fill);
        line.0.append(&mut self.0);
        line.0.resize(line.0.len() + gap - before, (' ', fill));
        line
    }

    /// Keeps `width` cells and adds an ellipsis, in the ink of what it stands for. Half a wide
    /// character becomes a space.
    fn cut(&mut self, width: usize) {
        let mut used = 0;
        let mut kept = 0;
        for (i, cell) in widths(&self.0).enumerate() {
            if used + cell > width {
                break;
            }
            used += cell;
            kept = i + 1;
        }
        let inks: Vec<Ink> = self.0[kept..].iter().map(|&(_, ink)| ink).collect();
        self.0.truncate(kept);
        let tail = if used < width { " …" } else { "…" };
        self.0.extend(tail.chars().zip(inks));
    }

    /// Writes the text, with an escape sequence around each run of one ink if `colored`.
    pub(super) fn paint(&self, f: &mut Formatter<'_>, colored: bool) -> fmt::Result {
        for run in self.0.chunk_by(|(_, a), (_, b)| a == b) {
            let code = run.first().and_then(|(_, ink)| ink.code()).filter(|_| colored);
            if let Some(code) = code {
                write!(f, "\x1b[{code}m")?;
            }
            run.iter().try_for_each(|&(c, _)| f.write_char(c))?;
            if code.is_some() {
                f.write_str("\x1b[0m")?;
            }
        }
        Ok(())
    }
}

fn trim_end(text: &[(char, Ink)]) -> &[(char, Ink)] {
    let end = text.iter().rposition(|(c, _)| !c.is_whitespace()).map_or(0, |last| last + 1);
    &text[..end]
}

fn cells(text: &[(char, Ink)]) -> usize {
    widths(text).sum()
}

/// The cells of each character: 2 for most of East Asia's, 0 for combining marks and for what a
/// zero width joiner joins to the character before. (The vowel signs of Indic scripts that have
/// a width of their own take a cell, as in terminals; Keras counts none.)
fn widths(text: &[(char, Ink)]) -> impl Iterator<Item = usize> {
    let mut joined = false;
    text.iter().map(move |&(c, _)| {
        let width = if joined { 0 } else { c.width().unwrap_or(0) };
        joined = c == '\u{200d}';
        width
    })
}
