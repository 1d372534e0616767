//! A picture: drawn once, written as SVG or as PNG.

use std::{fmt, ops::Range, path::Path, sync::Arc};

use ceratops_core::{Error, Result};
use plotters::drawing::IntoDrawingArea;

use crate::{
    canvas::Area,
    font,
    mark::{Mark, Point},
    png,
    recorder::Recorder,
    svg,
};

/// No picture is wider or higher than so many pixels.
const MOST_PIXELS: u32 = 1 << 16;

/// A picture, which can be written as SVG and as PNG.
///
/// ```
/// let picture = ceratops_plot::history([("loss", vec![0.9, 0.4, 0.3])])?;
/// let wide = picture.sized(Some(1200), Some(600))?;
/// assert!(wide.to_svg().contains(r#"width="1200" height="600""#));
/// # Ok::<(), ceratops_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Picture {
    draw: Arc<Draw>,
    /// Its width and height where none are asked for.
    natural: Point,
    /// How wide, for its height, it may become; `None` if it keeps its shape.
    ratios: Option<Range<f64>>,
    sheet: Sheet,
    marks: Vec<Mark>,
}

/// Draws the picture on an area of any size.
type Draw = dyn Fn(&Area<'_>) -> Result<()> + Send + Sync;

/// How large a picture is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sheet {
    /// The width and height in which it is laid out.
    pub(crate) layout: Point,
    /// The width and height of the file.
    pub(crate) pixels: (u32, u32),
}

impl Sheet {
    /// How many pixels of the file make one of the layout.
    pub(crate) fn scale(&self) -> f64 {
        let (width, height) = self.pixels;
        (f64::from(width) / self.layout.0).min(f64::from(height) / self.layout.1)
    }

    /// How far from the left and from the top of the file the layout begins.
    pub(crate) fn margin(&self) -> Point {
        let (width, height) = self.pixels;
        let left = |all: u32, used: f64| ((f64::from(all) - used * self.scale()) / 2.0).max(0.0);
        (left(width, self.layout.0), left(height, self.layout.1))
    }
}

/// What kind of file a picture becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Scalable Vector Graphics.
    Svg,
    /// Portable Network Graphics.
    Png,
}

impl Kind {
    /// The kind that the ending of `path` stands for.
    ///
    /// # Errors
    /// Of any ending but `.svg` and `.png`.
    ///
    /// ```
    /// use ceratops_plot::Kind;
    ///
    /// assert_eq!(Kind::of_path("loss.PNG")?, Kind::Png);
    /// assert!(Kind::of_path("loss.jpg").unwrap_err().to_string().contains(".svg or .png"));
    /// # Ok::<(), ceratops_core::Error>(())
    /// ```
    pub fn of_path(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let ends = |ending: &str| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(ending));
        match () {
            () if ends("svg") => Ok(Self::Svg),
            () if ends("png") => Ok(Self::Png),
            () => {
                let found = format!("\"{}\"", path.display());
                Err(Error::argument("path", "a file that ends in .svg or .png", found))
            }
        }
    }
}

impl Picture {
    /// A picture of that width and height.
    pub(crate) fn new(
        natural: Point,
        draw: impl Fn(&Area<'_>) -> Result<()> + Send + Sync + 'static,
    ) -> Result<Self> {
        let whole = |length: f64| (length.ceil() as u32).max(1);
        let sheet = Sheet { layout: natural, pixels: (whole(natural.0), whole(natural.1)) };
        let draw: Arc<Draw> = Arc::new(draw);
        let marks = record(&*draw, natural)?;
        Ok(Self { draw, natural, ratios: None, sheet, marks })
    }

    /// The same, of charts that take the shape that is asked for, as far as it is among these: width
    /// by height.
    pub(crate) fn stretching(self, ratios: Range<f64>) -> Self {
        Self { ratios: Some(ratios), ..self }
    }

    /// The characters that a PNG shows as boxes, each once: neither the embedded font, which has Latin, Greek,
    /// Cyrillic and Arabic letters, nor a font of the system has them. An SVG leaves letters to its viewer.
    pub fn unknown_letters(&self) -> Vec<char> {
        let mut unknown = Vec::new();
        for mark in &self.marks {
            let Mark::Text { text, .. } = mark else { continue };
            for c in font::unknown(text) {
                if !unknown.contains(&c) {
                    unknown.push(c);
                }
            }
        }
        unknown
    }

    /// The picture so many pixels wide and high; where only one is given, the other follows from it.
    ///
    /// Texts grow with the picture. Charts take the shape that is asked for, unless it is a very
    /// narrow one; all else keeps its own, in the middle of a white sheet.
    ///
    /// # Errors
    /// Of less than 1 pixel, or more than 65,536.
    pub fn sized(self, width: Option<u32>, height: Option<u32>) -> Result<Self> {
        for (name, pixels) in [("width", width), ("height", height)] {
            if let Some(pixels) = pixels.filter(|pixels| !(1..=MOST_PIXELS).contains(pixels)) {
                let expected = format!("a number of pixels from 1 to {MOST_PIXELS}");
                return Err(Error::argument(name, expected, pixels));
            }
        }
        let ratio = self.natural.0 / self.natural.1;
        let follow = |length: f64| (length.round() as u32).clamp(1, MOST_PIXELS);
        let pixels = match (width, height) {
            (Some(width), Some(height)) => (width, height),
            (Some(width), None) => (width, follow(f64::from(width) / ratio)),
            (None, Some(height)) => (follow(f64::from(height) * ratio), height),
            (None, None) => return Ok(self),
        };
        let layout = self.layout_for(pixels);
        let marks = record(&*self.draw, layout)?;
        Ok(Self { sheet: Sheet { layout, pixels }, marks, ..self })
    }

    /// The layout for a sheet of that size: of the same area as the natural one.
    fn layout_for(&self, (width, height): (u32, u32)) -> Point {
        let Some(Range { start, end }) = self.ratios else { return self.natural };
        let ratio = (f64::from(width) / f64::from(height)).clamp(start, end);
        let width = (self.natural.0 * self.natural.1 * ratio).sqrt();
        (width, width / ratio)
    }

    /// Its width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        self.sheet.pixels
    }

    /// The picture as SVG.
    pub fn to_svg(&self) -> String {
        svg::write(&self.sheet, &self.marks)
    }

    /// The picture as PNG.
    ///
    /// # Errors
    /// Of more than 64 million pixels.
    pub fn to_png(&self) -> Result<Vec<u8>> {
        png::write(&self.sheet, &self.marks)
    }

    /// The bytes of a file of that kind.
    ///
    /// # Errors
    /// Those of [`Picture::to_png`].
    pub fn to_bytes(&self, kind: Kind) -> Result<Vec<u8>> {
        match kind {
            Kind::Svg => Ok(self.to_svg().into_bytes()),
            Kind::Png => self.to_png(),
        }
    }
}

/// What `draw` draws on a sheet of that size.
fn record(draw: &Draw, size: Point) -> Result<Vec<Mark>> {
    let mut marks = Vec::new();
    draw(&Recorder::new(size, &mut marks).into_drawing_area())?;
    Ok(marks)
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sheet, marks, .. } = self;
        f.debug_struct("Picture").field("sheet", sheet).field("marks", &marks.len()).finish()
    }
}
