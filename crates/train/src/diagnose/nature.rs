//! What can go wrong with an activation: whether it can die, and where it saturates.

use ceratops_layers::{Node, snake_case};
use serde_json::Value;

/// How near to an end a value counts as saturated, as a part of the range between the ends. For
/// sigmoid and for tanh alike, which is the same curve stretched, the slope there has fallen to 4 %
/// of its largest.
const NEAR: f32 = 0.01;

/// The largest of a softmax's probabilities from which on it counts as saturated.
const CERTAIN: f32 = 1.0 - NEAR;

/// What the output of a layer tells of its activation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Nature {
    /// Gives 0 where it is flat, as relu does; maybe flat again at a largest value, as relu6.
    Rectifier(Option<f32>),
    /// Flattens towards two ends, as sigmoid and tanh do.
    Between(f32, f32),
    /// Probabilities along the last axis.
    Softmax,
    /// Slopes that are learned: PReLU.
    Slopes,
    /// Gates within, which flatten towards two ends: LSTM and its kin.
    Gates(f32, f32),
    /// Nothing of these, or no activation.
    Other,
}

impl Nature {
    /// The nature of the activation that closes `node`. It is found in the config, so that layers
    /// of one's own have one too where they have Keras' `activation`.
    pub(super) fn of(node: &Node) -> Self {
        let config = node.layer().config().unwrap_or_default();
        Self::of_layer(node.class_name(), &config)
    }

    fn of_layer(class_name: &str, config: &Value) -> Self {
        let number = |key: &str| config[key].as_f64().map(|number| number as f32);
        match class_name {
            "ReLU" if number("negative_slope").unwrap_or(0.0) != 0.0 => Self::Other,
            "ReLU" => Self::Rectifier(number("max_value")),
            "ThresholdedReLU" => Self::Rectifier(None),
            "PReLU" => Self::Slopes,
            "Softmax" if config["axis"] == -1 => Self::Softmax,
            "Softmax" => Self::Other,
            "TimeDistributed" | "Bidirectional" => Self::of_activation(&config["layer"]),
            "RNN" => Self::of_activation(&config["cell"]),
            "StackedRNNCells" => {
                let cells = config["cells"].as_array().map(Vec::as_slice).unwrap_or_default();
                let natures = cells.iter().map(Self::of_activation);
                natures.into_iter().find(|n| matches!(n, Self::Gates(..))).unwrap_or(Self::Other)
            }
            // What a recurrent layer puts out is no output of its activation.
            _ if config.get("recurrent_activation").is_some() => {
                match Self::of_activation(&config["recurrent_activation"]) {
                    Self::Between(low, high) => Self::Gates(low, high),
                    _ => Self::Other,
                }
            }
            // An operation of Keras is called as its function is: Relu6, HardTanh.
            _ if config.get("activation").is_none() => Self::of_function(&snake_case(class_name)),
            _ => Self::of_activation(&config["activation"]),
        }
    }

    fn of_activation(activation: &Value) -> Self {
        match (activation, activation["class_name"].as_str(), &activation["config"]) {
            (Value::String(name), ..) => Self::of_function(name),
            // A function of the user's own may have any name.
            (_, Some("function"), Value::String(name)) if name.starts_with("keras2>") => {
                Self::of_function(name)
            }
            (_, Some(class_name), config) => Self::of_layer(class_name, config),
            _ => Self::Other,
        }
    }

    fn of_function(name: &str) -> Self {
        match name {
            "relu" | "hard_silu" | "hard_shrink" | "soft_shrink" | "sparse_plus" => {
                Self::Rectifier(None)
            }
            "relu6" => Self::Rectifier(Some(6.0)),
            "sigmoid" | "hard_sigmoid" | "keras2>hard_sigmoid" | "sparse_sigmoid" => {
                Self::Between(0.0, 1.0)
            }
            "tanh" | "hard_tanh" | "softsign" => Self::Between(-1.0, 1.0),
            "softmax" => Self::Softmax,
            _ => Self::Other,
        }
    }

    /// Whether a unit that gives 0 for every sample is dead.
    pub(super) fn dies(self) -> bool {
        matches!(self, Self::Rectifier(_))
    }

    /// How many values of how many are saturated; of a softmax its rows, each `width` long. `None`
    /// where nothing saturates.
    pub(super) fn saturated(self, y: &[f32], width: usize) -> Option<(usize, usize)> {
        let count = |is: &dyn Fn(f32) -> bool| (y.iter().filter(|y| is(**y)).count(), y.len());
        match self {
            Self::Rectifier(Some(max)) => Some(count(&|y| y >= max)),
            Self::Between(low, high) => {
                let near = NEAR * (high - low);
                Some(count(&|y| y <= low + near || y >= high - near))
            }
            Self::Softmax => {
                let rows = y.chunks(width.max(1));
                let certain = |row: &&[f32]| row.iter().any(|y| *y > CERTAIN);
                Some((rows.clone().filter(certain).count(), rows.len()))
            }
            Self::Rectifier(None) | Self::Slopes | Self::Gates(..) | Self::Other => None,
        }
    }

    /// How many of the gates within are saturated, of how many.
    pub(super) fn saturated_gates(self, gates: &[f32]) -> Option<(usize, usize)> {
        let Self::Gates(low, high) = self else { return None };
        Self::Between(low, high).saturated(gates, 1)
    }
}

#[cfg(test)]
mod tests {
    use ceratops_layers::{
        Activation, Bidirectional, Dense, GRU, LSTM, LSTMCell, LeakyReLU, Node, PReLU, RNN, ReLU,
        Softmax, TimeDistributed,
    };

    use super::Nature::{self, Between, Gates, Other, Rectifier, Slopes};

    #[test]
    fn the_config_tells_the_nature() {
        let cases: [(Node, Nature); 16] = [
            (Dense::new(1).activation("relu").into(), Rectifier(None)),
            (Dense::new(1).activation("hard_sigmoid").into(), Between(0.0, 1.0)),
            (Dense::new(1).activation("keras2>hard_sigmoid").into(), Between(0.0, 1.0)),
            (Dense::new(1).activation(ReLU::new().max_value(4.0)).into(), Rectifier(Some(4.0))),
            (Dense::new(1).activation(PReLU::new()).into(), Slopes),
            (Dense::new(1).into(), Other),
            (Activation::new("tanh").into(), Between(-1.0, 1.0)),
            (ReLU::new().negative_slope(0.1).into(), Other),
            (LeakyReLU::new(0.1).into(), Other),
            (Softmax::new(-1).into(), Nature::Softmax),
            (Softmax::new(1).into(), Other),
            (LSTM::new(2).into(), Gates(0.0, 1.0)),
            (LSTM::new(2).recurrent_activation("relu").into(), Other),
            (Bidirectional::new(GRU::new(2)).into(), Gates(0.0, 1.0)),
            (RNN::new(LSTMCell::new(2)).into(), Gates(0.0, 1.0)),
            (TimeDistributed::new(Dense::new(1).activation("relu")).into(), Rectifier(None)),
        ];
        for (node, nature) in cases {
            assert_eq!(Nature::of(&node), nature, "{node:?}");
        }
    }

    #[test]
    fn values_near_the_ends_are_saturated() {
        let tanh = [-0.99, -0.979, 0.0, 0.979, 1.0];
        assert_eq!(Between(-1.0, 1.0).saturated(&tanh, 5), Some((2, 5)));
        let rows = [0.995, 0.005, 0.5, 0.5, 0.985, 0.015];
        assert_eq!(Nature::Softmax.saturated(&rows, 2), Some((1, 3)));
        assert_eq!(Rectifier(Some(6.0)).saturated(&[0.0, 6.0], 2), Some((1, 2)));
        assert_eq!(Rectifier(None).saturated(&[0.0], 1), None);
    }
}
