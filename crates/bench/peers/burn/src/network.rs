//! The networks in Burn.

use burn::{
    module::Module,
    nn::{
        Linear, LinearConfig, PRelu, PReluConfig, PaddingConfig2d,
        conv::{Conv2d, Conv2dConfig},
        pool::{MaxPool2d, MaxPool2dConfig},
    },
    tensor::{
        Device, Tensor,
        activation::{leaky_relu, relu},
    },
};

/// The shape of a sample, channels first.
pub fn sample(work: &str) -> &'static [usize] {
    match work {
        "mlp" => &[784],
        "vgg" => &[3, 32, 32],
        _ => &[1, 28, 28],
    }
}

/// Convolutions, what stands behind each of them, and dense layers.
#[derive(Module, Debug)]
pub struct Network {
    convolutions: Vec<Conv2d>,
    slopes: Vec<PRelu>,
    dense: Vec<Linear>,
    pool: MaxPool2d,
    side: usize,
    /// Whether it pads, uses ReLU, and pools after every second convolution.
    vgg: bool,
}

impl Network {
    pub fn new(work: &str, device: &Device) -> Self {
        let (channels, units): (&[usize], &[usize]) = match work {
            "mlp" => (&[], &[784, 512, 512, 10]),
            "vgg" => (&[3, 64, 64, 128, 128, 256, 256], &[4096, 256, 10]),
            _ => (&[1, 32, 64, 64], &[576, 64, 10]),
        };
        let vgg = work == "vgg";
        let edge = if vgg { PaddingConfig2d::Explicit(1, 1, 1, 1) } else { PaddingConfig2d::Valid };
        let conv = |pair: &[usize]| {
            Conv2dConfig::new([pair[0], pair[1]], [3, 3]).with_padding(edge.clone()).init(device)
        };
        let slopes = |filters: &usize| {
            PReluConfig::new().with_num_parameters(*filters).with_alpha(0.0).init(device)
        };
        let learned = if work == "prelu" { &channels[1..] } else { &[] };
        Self {
            convolutions: channels.windows(2).map(conv).collect(),
            slopes: learned.iter().map(slopes).collect(),
            dense: units.windows(2).map(|u| LinearConfig::new(u[0], u[1]).init(device)).collect(),
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
            side: if vgg { 32 } else { 28 },
            vgg,
        }
    }

    /// The output without softmax.
    pub fn logits(&self, rows: Tensor<2>) -> Tensor<2> {
        let mut x = if self.convolutions.is_empty() { rows } else { self.features(rows) };
        for (i, dense) in self.dense.iter().enumerate() {
            x = dense.forward(x);
            if i + 1 < self.dense.len() {
                x = relu(x);
            }
        }
        x
    }

    fn features(&self, rows: Tensor<2>) -> Tensor<2> {
        let [batch, numbers] = rows.dims();
        let area = self.side * self.side;
        let mut x: Tensor<4> = rows.reshape([batch, numbers / area, self.side, self.side]);
        for (i, convolution) in self.convolutions.iter().enumerate() {
            x = convolution.forward(x);
            x = match self.slopes.get(i) {
                Some(slopes) => slopes.forward(x),
                None if self.vgg => relu(x),
                None => leaky_relu(x, 0.05),
            };
            if if self.vgg { i % 2 == 1 } else { i < 2 } {
                x = self.pool.forward(x);
            }
        }
        x.flatten(1, 3)
    }
}
