//! The networks that every peer runs, and data for them.

use ceratops::prelude::*;

/// A network with as many samples as it is timed on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    sample: &'static [usize],
    samples: usize,
}

const ALL: [Workload; 5] = [
    Workload { name: "cnn", sample: &[28, 28, 1], samples: 4096 },
    Workload { name: "prelu", sample: &[28, 28, 1], samples: 4096 },
    Workload { name: "bncnn", sample: &[28, 28, 1], samples: 4096 },
    Workload { name: "mlp", sample: &[784], samples: 16384 },
    Workload { name: "vgg", sample: &[32, 32, 3], samples: 512 },
];

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
