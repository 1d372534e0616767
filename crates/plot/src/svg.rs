//! Marks as SVG.

use std::fmt::Write;

use plotters::style::RGBAColor;

use crate::{
    font::FAMILIES,
    mark::{Anchor, Mark, Point},
    picture::Sheet,
};

/// The whole text of the file.
pub(crate) fn write(sheet: &Sheet, marks: &[Mark]) -> String {
    let (scale, margin, (width, height)) = (sheet.scale(), sheet.margin(), sheet.pixels);
    let [x, y] = [-margin.0 / scale, -margin.1 / scale].map(number);
    let [w, h] = [f64::from(width) / scale, f64::from(height) / scale].map(number);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"{x} {y} {w} {h}\" font-family=\"{FAMILIES}\">\n\
         <rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"#fff\"/>\n"
    );
    for mark in marks {
        // Writing to a String does not fail.
        let _ = writeln!(svg, "{}", element(mark));
    }
    svg.push_str("</svg>\n");
    svg
}

fn element(mark: &Mark) -> String {
    match mark {
        Mark::Line { points, width, color } => format!(
            "<polyline points=\"{}\" fill=\"none\"{} stroke-width=\"{}\" stroke-linejoin=\"round\"/>",
            places(points),
            paint("stroke", *color),
            number(*width)
        ),
        Mark::Area { points, color } => {
            format!("<polygon points=\"{}\"{}/>", places(points), paint("fill", *color))
        }
        Mark::Rect { from, to, color } => {
            let [x, y] = [from.0.min(to.0), from.1.min(to.1)].map(number);
            let [width, height] = [(to.0 - from.0).abs(), (to.1 - from.1).abs()].map(number);
            format!(
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"{} \
                 shape-rendering=\"crispEdges\"/>",
                paint("fill", *color)
            )
        }
        Mark::Disc { center, radius, color } => {
            let [x, y, r] = [center.0, center.1, *radius].map(number);
            format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\"{}/>", paint("fill", *color))
        }
        Mark::Text { text, at, size, anchor, upward, color } => {
            let [x, y, size] = [at.0, at.1, *size].map(number);
            let anchor = match anchor {
                Anchor::Start => "",
                Anchor::Middle => " text-anchor=\"middle\"",
                Anchor::End => " text-anchor=\"end\"",
            };
            let turn =
                if *upward { format!(" transform=\"rotate(-90 {x} {y})\"") } else { String::new() };
            format!(
                "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{anchor}{turn}{}>{}</text>",
                paint("fill", *color),
                escaped(text)
            )
        }
    }
}

fn places(points: &[Point]) -> String {
    let place = |&(x, y): &Point| format!("{},{}", number(x), number(y));
    points.iter().map(place).collect::<Vec<_>>().join(" ")
}

/// A length with at most two decimals.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

fn paint(what: &str, color: RGBAColor) -> String {
    let RGBAColor(r, g, b, alpha) = color;
    let mut text = format!(" {what}=\"#{r:02x}{g:02x}{b:02x}\"");
    if alpha < 1.0 {
        let _ = write!(text, " {what}-opacity=\"{}\"", number(alpha));
    }
    text
}

/// The text without what XML would take for its own.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}
