//! Classes of layers that are not here: all of a model are named at once, before anything else is
//! looked at.

use ceratops_core::{Error, Result};
use ceratops_layers::{RNNCell, Registry};
use serde_json::Value;

use super::{classes::renamed, graph::is_graph, log::join};

/// The layers of Keras 1 to 3, but for those that are here under the same name.
const KERAS: &str = "AbstractRNNCell ActivityRegularization AdaptiveAveragePooling1D \
    AdaptiveAveragePooling2D AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D \
    AdaptiveMaxPooling3D Add AdditiveAttention AlphaDropout AtrousConv1D AtrousConv2D \
    AtrousConvolution1D AtrousConvolution2D Attention AugMix AutoContrast AutoEncoder Average \
    AveragePooling1D AveragePooling2D AveragePooling3D Bidirectional CategoryCrossing \
    CategoryEncoding CenterCrop Concatenate ContrastLimitedAdaptiveHistogramEqualization Conv1D \
    Conv1DTranspose Conv2DTranspose Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM2DCell \
    ConvLSTM3D ConvRecurrent2D Convolution1D Convolution3D Cropping1D Cropping2D Cropping3D \
    CuDNNGRU CutMix Deconv2D Deconv3D Deconvolution2D Deconvolution3D DenseFeatures \
    DepthwiseConv1D DepthwiseConv2D Discretization Dot DynamicEmbedding DynamicLookup EinsumDense \
    Embedding Equalization FlaxLayer GRU GRUCell GRUCellV1 GRUCellV2 GRUV1 GRUV2 GaussianDropout \
    GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D \
    GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization \
    GroupQueryAttention GroupedQueryAttention HashedCrossing Hashing Highway Identity \
    IntegerLookup IntegerLookupV1 JaxLayer LSTMCell LSTMCellV1 LSTMCellV2 LayerNormalization \
    LocallyConnected1D LocallyConnected2D Masking MaxNumBoundingBoxes MaxPooling1D MaxPooling3D \
    Maximum MaxoutDense MelSpectrogram Merge Minimum MixUp MultiHeadAttention Multiply \
    ParametricSoftplus PeepholeLSTMCell Permute RMSNormalization RNN RandAugment \
    RandomBrightness RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop \
    RandomElasticTransform RandomErasing RandomFlip RandomFourierFeatures RandomGaussianBlur \
    RandomGrayscale RandomHeight RandomHue RandomInvert RandomPerspective RandomPosterization \
    RandomRotation RandomSaturation RandomSharpness RandomShear RandomTranslation RandomWidth \
    RandomZoom Recurrent RepeatVector Resizing ReversibleEmbedding SReLU STFTSpectrogram \
    SeparableConv1D SeparableConv2D SeparableConvolution1D SeparableConvolution2D SimpleRNN \
    SimpleRNNCell SlicingOpLambda Solarization SpatialDropout1D SpatialDropout2D SpatialDropout3D \
    SpectralNormalization StackedRNNCells StringLookup StringLookupV1 Subtract \
    SyncBatchNormalization TFOpLambda TFSMLayer TensorFlowOpLayer TextVectorization \
    TextVectorizationV1 TimeDistributed TimeDistributedDense TorchModuleWrapper UnifiedGRU \
    UnitNormalization UpSampling1D UpSampling2D UpSampling3D Wrapper ZeroPadding1D ZeroPadding2D \
    ZeroPadding3D";

/// Refuses a model with layers that are not here: first those that are Python code, else all that
/// Keras has beside the ones here.
pub(super) fn check(entry: &Value, registry: &Registry) -> Result<()> {
    let mut found = Found { registry, own: None, missing: Vec::new() };
    found.entry(entry, "");
    if let Some(error) = found.own {
        return Err(error);
    }
    let Some(((path, first), others)) = found.missing.split_first() else { return Ok(()) };
    let mut message = format!("Keras' {first} is not there as yet");
    let others: Vec<&str> = others.iter().map(|(_, name)| name.as_str()).collect();
    match others.as_slice() {
        [] => {}
        [one] => message.extend(["; this model also needs ", one]),
        [many @ .., last] => {
            message.extend(["; this model also needs ", &many.join(", "), " and ", last]);
        }
    }
    Err(Error::config(path.as_str(), message))
}

struct Found<'a> {
    registry: &'a Registry,
    /// The first class that is Python code.
    own: Option<Error>,
    /// Those of Keras, each once, with where its class is named.
    missing: Vec<(String, String)>,
}

impl Found<'_> {
    /// Looks at a layer and at those that it holds.
    fn entry(&mut self, entry: &Value, path: &str) {
        // Until Keras 2.2.2 the config of a Sequential was the list of its layers.
        let config_path = join(path, "config");
        let Some(config) = entry.get("config") else { return };
        self.class(entry, config, path);
        for list in ["", "/layers", "/cells"] {
            let layers = config.pointer(list).and_then(Value::as_array);
            let path = join(&config_path, list.trim_start_matches('/'));
            for (i, layer) in layers.into_iter().flatten().enumerate() {
                self.entry(layer, &join(&path, &format!("[{i}]")));
            }
        }
        for held in ["layer", "backward_layer", "cell", "activation", "recurrent_activation"] {
            // An activation may be a function, too.
            let is_layer = |entry: &&Value| {
                let class_name = entry.get("class_name").and_then(Value::as_str);
                class_name.is_some_and(|name| name != "function" && name != "__lambda__")
            };
            if let Some(layer) = config.get(held).filter(is_layer) {
                self.entry(layer, &join(&config_path, held));
            }
        }
    }

    /// Looks at the class of a layer.
    fn class(&mut self, entry: &Value, config: &Value, path: &str) {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
        let (class_name, registered) = (text("class_name"), text("registered_name"));
        let plain = registered.rsplit('>').next().unwrap_or_default();
        let is_here = |name: &str| {
            let known = name == "Sequential" || is_graph(name) || RNNCell::is_class(name);
            known || self.registry.class_names().any(|n| n == name)
        };
        let module = text("module");
        let of_op = module.starts_with("keras.src.ops") || module.starts_with("keras.ops");
        let is_here = [class_name, registered, plain].into_iter().any(is_here);
        if class_name.is_empty() || is_here && !of_op || renamed(class_name).is_some() {
            return;
        }
        if super::functional::is_operation(entry) {
            return;
        }
        let path = join(path, "class_name");
        let of_keras = KERAS.split_ascii_whitespace().any(|name| name == class_name);
        if of_op || of_keras {
            let op = super::functional::unknown_operation(entry);
            let op = op.map_or_else(|| class_name.to_owned(), |op| format!("operation {op}"));
            if self.missing.iter().all(|(_, name)| *name != op) {
                self.missing.push((path, op));
            }
        } else if self.own.is_none() {
            let name = entry.get("name").or_else(|| config.get("name")).and_then(Value::as_str);
            self.own = Some(Error::config(path, own(class_name, name.unwrap_or_default(), self)));
        }
    }
}

/// Why a class that Keras does not have is refused.
fn own(class_name: &str, name: &str, found: &Found<'_>) -> String {
    let of = if name.is_empty() { String::new() } else { format!(" (layer \"{name}\")") };
    if class_name == "Lambda" {
        return format!(
            "Lambda{of} holds Python code, which is never run here; put a layer or an activation of \
             your own in its place, registered under a name"
        );
    }
    let known = found.registry.class_names().chain(KERAS.split_ascii_whitespace());
    let nearest = ceratops_core::nearest(class_name, known);
    let help = match nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        _ => "Keras has none of that name, and what a class of one's own computes is not in the \
              file; a program in Rust that has it can load this model"
            .to_owned(),
    };
    format!("unknown layer class `{class_name}`{of}; {help}")
}
