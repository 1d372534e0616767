//! The networks that every peer runs, and data for them.

use ceratops::prelude::*;

use crate::flops;

/// A network with as many samples as it is timed on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    sample: &'static [usize],
    samples: usize,
}

/// Every workload.
pub(crate) const ALL: [Workload; 5] = [
    Workload { name: "cnn", sample: &[28, 28, 1], samples: 4096 },
    Workload { name: "prelu", sample: &[28, 28, 1], samples: 4096 },
    Workload { name: "bncnn", sample: &[28, 28, 1], samples: 4096 },
    Workload { name: "mlp", sample: &[784], samples: 16384 },
    Workload { name: "vgg", sample: &[32, 32, 3], samples: 512 },
];

/// The floating-point operations for one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Flops {
    /// Of the output.
    pub(crate) forward: u64,
    /// Of the first layer's part in it.
    first: u64,
}

impl Flops {
    /// Those of a training step: output, gradient of the weights and gradient of the input cost
    /// the same each, but nobody needs the gradient of the data.
    pub(crate) fn training(&self) -> u64 {
        3 * self.forward - self.first
    }
}

impl Workload {
    /// The workload of that name.
    pub(crate) fn named(name: &str) -> Result<Self> {
        let unknown = || Error::unknown("workload", name, ALL.map(|work| work.name));
        ALL.into_iter().find(|work| work.name == name).ok_or_else(unknown)
    }

    /// The network.
    pub(crate) fn model(&self) -> Result<Sequential> {
        let mut model = Sequential::new();
        model.add(Input::new(self.sample))?;
        match self.name {
            "mlp" => {
                model.add(Dense::new(512).activation("relu"))?;
                model.add(Dense::new(512).activation("relu"))?;
            }
            "vgg" => vgg(&mut model)?,
            name => cnn(&mut model, name)?,
        }
        model.add(Dense::new(10).activation("softmax"))?;
        Ok(model)
    }

    /// The arithmetic for one sample.
    pub(crate) fn flops(&self, model: &Sequential) -> Result<Flops> {
        let mut flops = Flops { forward: 0, first: 0 };
        for node in model.layers() {
            let Some(output) = node.output_shape() else { continue };
            let layer = flops::of_layer(node.class_name(), &node.params(), output)?;
            if flops.first == 0 {
                flops.first = layer;
            }
            flops.forward += layer;
        }
        Ok(flops)
    }

    /// Samples and labels.
    pub(crate) fn data(&self) -> Result<(Tensor, Tensor)> {
        let shape = [&[self.samples], self.sample].concat();
        let len = shape.iter().product();
        let x = (0..len).map(|i: usize| (i * 7919 % 1000) as f32 * 0.001).collect();
        let y = (0..self.samples).map(|i| (i % 10) as f32).collect::<Vec<f32>>();
        Ok((Tensor::new(&shape, x)?, y.into()))
    }
}

fn cnn(model: &mut Sequential, name: &str) -> Result<()> {
    for (i, filters) in [32, 64, 64].into_iter().enumerate() {
        model.add(Conv2D::new(filters, 3))?;
        if name == "bncnn" {
            model.add(BatchNormalization::new())?;
        }
        if name == "prelu" {
            model.add(PReLU::new().shared_axes([1, 2]))?;
        } else {
            model.add(LeakyReLU::new(0.05))?;
        }
        if i < 2 {
            model.add(MaxPooling2D::new(2))?;
        }
    }
    model.add(Flatten::new())?.add(Dense::new(64).activation("relu"))?;
    Ok(())
}

fn vgg(model: &mut Sequential) -> Result<()> {
    for filters in [64, 128, 256] {
        for _ in 0..2 {
            model.add(Conv2D::new(filters, 3).padding(Padding::Same).activation("relu"))?;
        }
        model.add(MaxPooling2D::new(2))?;
    }
    model.add(Flatten::new())?.add(Dense::new(256).activation("relu"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flops(name: &str) -> Flops {
        let work = Workload::named(name).unwrap();
        work.flops(&work.model().unwrap()).unwrap()
    }

    #[test]
    fn the_arithmetic_of_a_network_is_that_of_its_kernels() {
        // By hand: the places of each convolution times the weights of its kernel.
        let convolutions = 26 * 26 * 9 * 32 + 11 * 11 * 9 * 32 * 64 + 3 * 3 * 9 * 64 * 64;
        let cnn = 2 * (convolutions + 576 * 64 + 64 * 10);
        assert_eq!(flops("cnn"), Flops { forward: cnn, first: 2 * 26 * 26 * 9 * 32 });
        assert_eq!(cnn, 5_588_480);
        assert_eq!(flops("mlp").forward, 2 * (784 * 512 + 512 * 512 + 512 * 10));

        let stages: [(u64, u64, u64); 3] =
            [(32 * 32, 3, 64), (16 * 16, 64, 128), (8 * 8, 128, 256)];
        let stage = |(places, channels, filters)| places * 9 * (channels + filters) * filters;
        let vgg = 2 * (stages.map(stage).iter().sum::<u64>() + 4096 * 256 + 256 * 10);
        assert_eq!(flops("vgg").forward, vgg);
        assert_eq!(vgg, 307_631_104);
    }

    #[test]
    fn activations_and_normalization_do_not_count() {
        assert_eq!(flops("prelu"), flops("cnn"));
        assert_eq!(flops("bncnn"), flops("cnn"));
    }

    #[test]
    fn nobody_needs_the_gradient_of_the_data() {
        assert_eq!(Flops { forward: 100, first: 30 }.training(), 100 + 100 + 70);
    }
}
