//! Equations: which axes of an input and a kernel are multiplied, and which of them are summed.
//!
//! The axes fall into four kinds. Those that input, kernel and output have are *shared*: for each index
//! there is a product of its own. The *free* ones of the input and the *new* ones of the kernel come into
//! the output; the *summed* ones do not. With the axes in that order a product is one of matrices.

use ceratops_core::{Error, Result, Shape, Tensor};

use super::wrong;
use crate::kernels::{Matrix, MatrixMut, matmul};

/// An equation, its axes spelled out.
#[derive(Debug)]
pub(super) struct Equation {
    text: String,
    input: Vec<char>,
    kernel: Vec<char>,
    output: Vec<char>,
    /// Of the output's axes, those that `...` stands for: how many at the beginning, and at the end.
    elided: [usize; 2],
}

/// How many indices each kind of axes has.
#[derive(Debug)]
pub(super) struct Sizes {
    shared: usize,
    free: usize,
    summed: usize,
    new: usize,
    /// The length of each axis.
    lens: Vec<(char, usize)>,
}

/// What stands for the axes of `...`: no letters, so that no equation names them.
const ELIDED: char = '\u{e000}';

impl Equation {
    /// Refuses an equation that no input has, and a bias along axes that the output lacks.
    pub(super) fn check(text: &str, bias_axes: Option<&str>) -> Result<()> {
        let input = text.split(',').next().unwrap_or_default();
        // As many axes as the equation names, and one for `...`.
        let equation = Self::parse(text, input.replace("...", ".").chars().count())?;
        for axis in bias_axes.into_iter().flat_map(str::chars) {
            if !equation.output.contains(&axis) {
                let found = bias_axes.unwrap_or_default();
                return Err(Error::argument(
                    "bias_axes",
                    format!("axes of the output of {text}"),
                    found,
                ));
            }
        }
        Ok(())
    }

    /// The equation for an input of so many axes.
    pub(super) fn parse(text: &str, ndim: usize) -> Result<Self> {
        let parts =
            text.split_once(',').and_then(|(input, rest)| Some((input, rest.split_once("->")?)));
        let Some((input, (kernel, output))) = parts else {
            return Err(wrong(text, "it needs a `,` and a `->`"));
        };
        let left = input.starts_with("...") && output.starts_with("...");
        let right = !left && input.ends_with("...") && output.ends_with("...");
        let strip = |part: &str| match (left, right) {
            (true, _) => part.trim_start_matches("...").to_owned(),
            (_, true) => part.trim_end_matches("...").to_owned(),
            _ => part.to_owned(),
        };
        let [mut input, mut output] =
            [strip(input), strip(output)].map(|part| part.chars().collect());
        let kernel: Vec<char> = kernel.chars().collect();
        for part in [&input, &kernel, &output] {
            let part: &Vec<char> = part;
            let letters = part.iter().all(char::is_ascii_alphabetic);
            let once = part.iter().enumerate().all(|(i, axis)| !part[..i].contains(axis));
            if part.is_empty() || !letters || !once {
                return Err(wrong(text, "input, kernel and output each name their axes once"));
            }
        }
        let elided = if left || right { ndim.checked_sub(input.len()) } else { Some(0) };
        let fits = |elided: &usize| input.len() + elided == ndim;
        let Some(elided) = elided.filter(fits) else {
            let expected = format!("as many axes as the equation \"{text}\" names");
            return Err(Error::argument("input_shape", expected, format!("{ndim} axes")));
        };
        let names: Vec<char> =
            (0..elided as u32).filter_map(|i| char::from_u32(ELIDED as u32 + i)).collect();
        for part in [&mut input, &mut output] {
            let place = if left { 0 } else { part.len() };
            part.splice(place..place, names.iter().copied());
        }
        let elided = if left { [elided, 0] } else { [0, elided] };
        let equation = Self { text: text.to_owned(), input, kernel, output, elided };
        equation.check_axes()?;
        Ok(equation)
    }

    fn check_axes(&self) -> Result<()> {
        let Self { text, input, kernel, output, .. } = self;
        let first = input[0];
        if output[0] != first || kernel.contains(&first) {
            return Err(wrong(text, "the first axis is the batch, which no kernel has"));
        }
        if let Some(axis) =
            output.iter().find(|axis| !input.contains(axis) && !kernel.contains(axis))
        {
            return Err(wrong(text, format!("neither input nor kernel has the axis `{axis}`")));
        }
        if let Some(axis) =
            kernel.iter().find(|axis| !input.contains(axis) && !output.contains(axis))
        {
            return Err(wrong(
                text,
                format!("neither input nor output has the kernel's axis `{axis}`"),
            ));
        }
        Ok(())
    }

    /// The shape of the output, of which the user has given `own`.
    pub(super) fn output_shape(&self, input: &Shape, own: &[Option<usize>]) -> Result<Shape> {
        let [left, right] = self.elided;
        let axes = input.axes();
        let mut output = axes[..left.max(1)].to_vec();
        output.extend(own);
        output.extend(&axes[axes.len() - right..]);
        if output.len() != self.output.len() {
            let expected = self.output.len().saturating_sub(left.max(1) + right);
            let expected =
                format!("{expected} lengths, one for each axis that \"{}\" names", self.text);
            return Err(Error::argument("output_shape", expected, format!("{own:?}")));
        }
        for (axis, len) in self.output.iter().zip(&output) {
            let of_input = self.input.iter().position(|own| own == axis).map(|place| axes[place]);
            if let (Some(of_input), Some(len)) = (of_input, len)
                && of_input != Some(*len)
            {
                let expected =
                    format!("None or the input's length for the axis `{axis}` of {input}");
                return Err(Error::argument("output_shape", expected, format!("{own:?}")));
            }
        }
        Ok(Shape::from(output))
    }

    /// The shape of the kernel, and which of its axes are summed.
    pub(super) fn kernel_shape(
        &self,
        input: &Shape,
        output: &Shape,
    ) -> Result<(Vec<usize>, Vec<usize>)> {
        let (mut shape, mut summed) = (Vec::new(), Vec::new());
        for (i, axis) in self.kernel.iter().enumerate() {
            let place = |axes: &[char]| axes.iter().position(|own| own == axis);
            let len = match place(&self.output) {
                Some(place) => output.axes()[place],
                None => {
                    summed.push(i);
                    place(&self.input).and_then(|place| input.axes()[place])
                }
            };
            shape.push(len.ok_or_else(|| {
                let what = format!("a known length of the axis `{axis}`");
                Error::argument("output_shape", what, "None")
                    .with_help("the kernel's size depends on it")
            })?);
        }
        Ok((shape, summed))
    }

    /// The shape of the bias along these axes of the output.
    pub(super) fn bias_shape(&self, output: &Shape, axes: &str) -> Result<Vec<usize>> {
        let named = |axis: &char| axes.contains(*axis);
        let first = self.output.iter().position(named).unwrap_or(self.output.len());
        let behind = self.output[first..].iter().zip(&output.axes()[first..]);
        let len = |(axis, len): (&char, &Option<usize>)| match named(axis) {
            true => len.ok_or_else(|| {
                let expected = format!("a known length of the axis `{axis}`");
                Error::argument("output_shape", expected, "None")
                    .with_help("the bias has that axis")
            }),
            false => Ok(1),
        };
        behind.map(len).collect()
    }

    /// How many indices there are for an input and a kernel of these shapes.
    pub(super) fn sizes(&self, input: &[usize], kernel: &[usize]) -> Result<Sizes> {
        let mut lens: Vec<(char, usize)> = Vec::with_capacity(input.len() + kernel.len());
        lens.extend(self.input.iter().copied().zip(input.iter().copied()));
        for (axis, len) in self.kernel.iter().zip(kernel) {
            match lens.iter().find(|(own, _)| own == axis) {
                Some((_, known)) if known != len => {
                    let expected =
                        format!("the length {len} along the axis `{axis}` of {}", self.text);
                    return Err(Error::shape("input", expected, input, ""));
                }
                Some(_) => {}
                None => lens.push((*axis, *len)),
            }
        }
        let mut sizes = Sizes { shared: 1, free: 1, summed: 1, new: 1, lens };
        [sizes.shared, sizes.free, sizes.summed, sizes.new] =
            self.kinds().map(|axes| axes.iter().map(|axis| sizes.of(*axis)).product());
        Ok(sizes)
    }

    /// The axes that are shared, free, summed, and new, each kind in the order that the output, or else
    /// the kernel, has them.
    fn kinds(&self) -> [Vec<char>; 4] {
        let Self { input, kernel, output, .. } = self;
        let of = |axes: &[char], kind: &dyn Fn(&char) -> bool| -> Vec<char> {
            axes.iter().copied().filter(|axis| kind(axis)).collect()
        };
        [
            of(output, &|axis| input.contains(axis) && kernel.contains(axis)),
            of(output, &|axis| !kernel.contains(axis)),
            of(kernel, &|axis| !output.contains(axis)),
            of(output, &|axis| !input.contains(axis)),
        ]
    }

    /// The sums of products: the output, without a bias.
    pub(super) fn product(&self, x: &Tensor, kernel: &Tensor, sizes: &Sizes) -> Result<Tensor> {
        let [shared, free, summed, new] = self.kinds();
        let x = ordered(&self.added_up(x)?, &self.multiplied(), &[&shared, &free, &summed])?;
        let kernel = ordered(kernel, &self.kernel, &[&shared, &summed, &new])?;
        let Sizes { free: rows, summed: inner, new: columns, .. } = *sizes;
        let mut y = Tensor::for_overwrite(&sizes.shape(&[&shared, &free, &new]));
        sizes.each(&mut y, rows * columns, |i, y| {
            let x = Matrix::new(&x.as_slice()[i * rows * inner..][..rows * inner], inner);
            let kernel =
                Matrix::new(&kernel.as_slice()[i * inner * columns..][..inner * columns], columns);
            matmul(x, kernel, MatrixMut::new(y, columns));
        });
        reordered(y, &[&shared, &free, &new], &self.output)
    }

    /// dL/dkernel
    pub(super) fn kernel_gradient(&self, x: &Tensor, dy: &Tensor, sizes: &Sizes) -> Result<Tensor> {
        let [shared, free, summed, new] = self.kinds();
        let x = ordered(&self.added_up(x)?, &self.multiplied(), &[&shared, &free, &summed])?;
        let dy = ordered(dy, &self.output, &[&shared, &free, &new])?;
        let Sizes { free: rows, summed: inner, new: columns, .. } = *sizes;
        let mut dkernel = Tensor::for_overwrite(&sizes.shape(&[&shared, &summed, &new]));
        sizes.each(&mut dkernel, inner * columns, |i, dkernel| {
            let x = Matrix::new(&x.as_slice()[i * rows * inner..][..rows * inner], inner);
            let dy = Matrix::new(&dy.as_slice()[i * rows * columns..][..rows * columns], columns);
            matmul(x.transposed(), dy, MatrixMut::new(dkernel, columns));
        });
        reordered(dkernel, &[&shared, &summed, &new], &self.kernel)
    }

    /// dL/dx
    pub(super) fn input_gradient(
        &self,
        dy: &Tensor,
        kernel: &Tensor,
        shape: &[usize],
        sizes: &Sizes,
    ) -> Result<Tensor> {
        let [shared, free, summed, new] = self.kinds();
        let dy = ordered(dy, &self.output, &[&shared, &free, &new])?;
        let kernel = ordered(kernel, &self.kernel, &[&shared, &summed, &new])?;
        let Sizes { free: rows, summed: inner, new: columns, .. } = *sizes;
        let mut dx = Tensor::for_overwrite(&sizes.shape(&[&shared, &free, &summed]));
        sizes.each(&mut dx, rows * inner, |i, dx| {
            let dy = Matrix::new(&dy.as_slice()[i * rows * columns..][..rows * columns], columns);
            let kernel =
                Matrix::new(&kernel.as_slice()[i * inner * columns..][..inner * columns], columns);
            matmul(dy, kernel.transposed(), MatrixMut::new(dx, inner));
        });
        let dx = reordered(dx, &[&shared, &free, &summed], &self.multiplied())?;
        // An axis that was added up has the same gradient at each place.
        let one = |(axis, len): (&char, &usize)| if self.is_added_up(*axis) { 1 } else { *len };
        let short: Vec<usize> = self.input.iter().zip(shape).map(one).collect();
        dx.reshape(&short)?.broadcast_to(shape)
    }

    /// Whether only the input has that axis, which then is added up before all else.
    fn is_added_up(&self, axis: char) -> bool {
        !self.kernel.contains(&axis) && !self.output.contains(&axis)
    }

    /// The input's axes that are not added up.
    fn multiplied(&self) -> Vec<char> {
        self.input.iter().copied().filter(|axis| !self.is_added_up(*axis)).collect()
    }

    /// `x` with the axes added up that only it has.
    fn added_up(&self, x: &Tensor) -> Result<Tensor> {
        let keeps = |(axis, len): (&char, &usize)| if self.is_added_up(*axis) { 1 } else { *len };
        let short: Vec<usize> = self.input.iter().zip(x.shape()).map(keeps).collect();
        let kept = self.input.iter().zip(x.shape()).filter(|(axis, _)| !self.is_added_up(**axis));
        let kept: Vec<usize> = kept.map(|(_, len)| *len).collect();
        x.clone().sum_to(&short)?.reshape(&kept)
    }
}

impl Sizes {
    /// The length of an axis.
    fn of(&self, axis: char) -> usize {
        self.lens.iter().find(|(own, _)| *own == axis).map_or(1, |(_, len)| *len)
    }

    fn shape(&self, kinds: &[&Vec<char>]) -> Vec<usize> {
        kinds.iter().flat_map(|axes| axes.iter().map(|axis| self.of(*axis))).collect()
    }

    /// Calls `work` for each shared index with its piece, of that length, of what is made.
    fn each(&self, made: &mut Tensor, len: usize, mut work: impl FnMut(usize, &mut [f32])) {
        let pieces = made.as_mut_slice().chunks_exact_mut(len.max(1)).take(self.shared);
        pieces.enumerate().for_each(|(i, piece)| work(i, piece));
    }
}

/// `x`, whose axes are `own`, with those of `kinds` one after another.
fn ordered(x: &Tensor, own: &[char], kinds: &[&Vec<char>]) -> Result<Tensor> {
    let wanted = kinds.iter().flat_map(|axes| axes.iter());
    let order: Vec<usize> =
        wanted.filter_map(|axis| own.iter().position(|own| own == axis)).collect();
    match order.iter().copied().eq(0..own.len()) {
        true => Ok(x.clone()),
        false => x.permuted(&order),
    }
}

/// The other way: what has the axes of `kinds` one after another, with those of `wanted`.
fn reordered(x: Tensor, kinds: &[&Vec<char>], wanted: &[char]) -> Result<Tensor> {
    let own: Vec<char> = kinds.iter().flat_map(|axes| axes.iter().copied()).collect();
    ordered(&x, &own, &[&wanted.to_vec()])
}
