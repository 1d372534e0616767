//! What the tests of pictures share: reading an SVG, and holding it to what every picture promises.

#![allow(dead_code, reason = "each test uses some of it")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use ceratops_plot::Picture;
use tiny_skia::Pixmap;
use ttf_parser::Face;

/// An element of an SVG.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Element {
    pub(crate) fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    pub(crate) fn number(&self, name: &str) -> f64 {
        self.attribute(name).parse().unwrap()
    }

    /// The points of a curve.
    pub(crate) fn points(&self) -> Vec<(f64, f64)> {
        let pair = |pair: &str| {
            let (x, y) = pair.split_once(',').unwrap();
            (x.parse().unwrap(), y.parse().unwrap())
        };
        self.attribute("points").split_whitespace().map(pair).collect()
    }
}

/// The elements of a picture, which has one in each line.
pub(crate) fn elements(svg: &str) -> Vec<Element> {
    let inner = svg.lines().skip(1).take_while(|line| *line != "</svg>");
    inner.map(element).collect()
}

fn element(line: &str) -> Element {
    let line = line.strip_prefix('<').unwrap();
    let (name, rest) = line.split_once(' ').unwrap();
    let (inside, text) = match rest.strip_suffix("/>") {
        Some(inside) => (inside, ""),
        None => {
            let rest = rest.strip_suffix(&format!("</{name}>")).unwrap();
            rest.split_once('>').unwrap()
        }
    };
    assert!(!inside.contains(['<', '>']) && !text.contains(['<', '>']), "{line}");
    let parts: Vec<&str> = inside.split('"').collect();
    let attributes = parts
        .chunks_exact(2)
        .map(|pair| (pair[0].trim().trim_end_matches('=').to_owned(), pair[1].to_owned()));
    Element { name: name.into(), attributes: attributes.collect(), text: plain(text) }
}

fn plain(text: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, c)| text.replace(entity, c))
}

/// The elements of that name.
pub(crate) fn of<'a>(elements: &'a [Element], name: &str) -> Vec<&'a Element> {
    elements.iter().filter(|element| element.name == name).collect()
}

/// All texts, in order.
pub(crate) fn texts(picture: &Picture) -> Vec<String> {
    let elements = elements(&picture.to_svg());
    of(&elements, "text").iter().map(|element| element.text.clone()).collect()
}

/// The curves: lines that are drawn thick.
pub(crate) fn curves(picture: &Picture) -> Vec<Vec<(f64, f64)>> {
    let elements = elements(&picture.to_svg());
    let lines = of(&elements, "polyline");
    let thick = lines.into_iter().filter(|line| line.number("stroke-width") >= 1.5);
    // A legend's sample of a colour is a line of two points, 20 wide.
    let curves = thick.map(Element::points);
    curves.filter(|points| points.len() > 2 || points[1].0 - points[0].0 != 20.0).collect()
}

/// How wide a text is in the embedded font; what that does not have is a square.
fn width(text: &str, size: f64) -> f64 {
    let face = Face::parse(include_bytes!("../../font/DejaVuSans.ttf"), 0).unwrap();
    let advance = |c| {
        let glyph = face.glyph_index(c).and_then(|glyph| face.glyph_hor_advance(glyph));
        glyph.map_or(1.0, |advance| f64::from(advance) / f64::from(face.units_per_em()))
    };
    text.chars().map(|c| advance(c) * size).sum()
}

/// Left, top, right and bottom of an element.
fn extent(element: &Element) -> [f64; 4] {
    let n = |name| element.number(name);
    match element.name.as_str() {
        "rect" => [n("x"), n("y"), n("x") + n("width"), n("y") + n("height")],
        "circle" => {
            let (x, y, r) = (n("cx"), n("cy"), n("r"));
            [x - r, y - r, x + r, y + r]
        }
        "text" => {
            let (x, y, size) = (n("x"), n("y"), n("font-size"));
            let width = width(&element.text, size);
            let before = match element.attribute("text-anchor") {
                "middle" => width / 2.0,
                "end" => width,
                _ => 0.0,
            };
            let (above, below) = (0.76 * size, 0.24 * size);
            if element.attribute("transform").is_empty() {
                [x - before, y - above, x - before + width, y + below]
            } else {
                [x - above, y + before - width, x + below, y + before]
            }
        }
        _ => {
            let (xs, ys): (Vec<_>, Vec<_>) = element.points().into_iter().unzip();
            let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
            let most = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            [least(&xs), least(&ys), most(&xs), most(&ys)]
        }
    }
}

/// Holds a picture to what each promises: nothing is outside, no text lies on another, and the PNG has
/// the size that the picture says and something on it.
#[track_caller]
pub(crate) fn check(picture: &Picture) {
    let elements = elements(&picture.to_svg());
    let [left, top, right, bottom] = extent(&elements[0]);
    for element in &elements {
        let [l, t, r, b] = extent(element);
        let within = l >= left - 0.01 && t >= top - 0.01 && r <= right + 0.01 && b <= bottom + 0.01;
        assert!(within, "outside of {right} x {bottom}: {:?}\n{element:?}", [l, t, r, b]);
    }
    let boxes: Vec<_> =
        of(&elements, "text").into_iter().map(|text| (text, extent(text))).collect();
    for (i, (a, [l, t, r, b])) in boxes.iter().enumerate() {
        for (other, [l2, t2, r2, b2]) in &boxes[i + 1..] {
            let apart = r.min(*r2) - l.max(*l2) <= 0.5 || b.min(*b2) - t.max(*t2) <= 0.5;
            assert!(apart, "\"{}\" lies on \"{}\"", a.text, other.text);
        }
    }
    let png = Pixmap::decode_png(&picture.to_png().unwrap()).unwrap();
    assert_eq!((png.width(), png.height()), picture.size());
    assert!(png.pixels().iter().any(|pixel| pixel.red() < 200), "nothing is drawn");
}
