//! Events as protocol buffers: what TensorFlow's `event.proto` and `summary.proto` say.

use super::histogram::BUCKETS;

/// What a value of an event is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Data<'a> {
    /// One number.
    Scalar(f64),
    /// For each bucket its left edge, its right edge, and how many numbers are in it.
    Histogram(&'a [[f64; 3]; BUCKETS]),
}

/// A message that is being written, field by field.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value > 0x7f {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn key(&mut self, field: u64, wire_type: u64) {
        self.varint(field << 3 | wire_type);
    }

    /// A whole number; as in proto3, 0 is not written.
    fn int(mut self, field: u64, value: u64) -> Self {
        if value != 0 {
            self.key(field, 0);
            self.varint(value);
        }
        self
    }

    fn double(mut self, field: u64, value: f64) -> Self {
        self.key(field, 1);
        self.0.extend(value.to_le_bytes());
        self
    }

    /// Bytes, a text, packed numbers or a message.
    fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        self.key(field, 2);
        self.varint(value.len() as u64);
        self.0.extend(value);
        self
    }

    fn message(self, field: u64, value: &Self) -> Self {
        self.bytes(field, &value.0)
    }
}

/// The event that every file begins with.
pub(super) fn version(wall_time: f64) -> Vec<u8> {
    Message::default().double(1, wall_time).bytes(3, b"brain.Event:2").0
}

/// The event that one value was measured at `step`.
pub(super) fn summary(wall_time: f64, step: u64, tag: &str, data: Data<'_>) -> Vec<u8> {
    let (plugin, data_class, tensor) = match data {
        Data::Scalar(value) => ("scalars", 1, scalar(value as f32)),
        Data::Histogram(buckets) => ("histograms", 2, matrix(buckets)),
    };
    // The plugins' own version, 0, is an empty message.
    let plugin_data = Message::default().bytes(1, plugin.as_bytes());
    let metadata = Message::default().message(1, &plugin_data).int(4, data_class);
    let value = Message::default().bytes(1, tag.as_bytes());
    let value = value.message(9, &metadata).message(8, &tensor);
    let summary = Message::default().message(1, &value);
    Message::default().double(1, wall_time).int(2, step).message(5, &summary).0
}

/// A tensor of no axes.
fn scalar(value: f32) -> Message {
    let (float32, shape) = (1, Message::default());
    Message::default().int(1, float32).message(2, &shape).bytes(5, &value.to_le_bytes())
}

/// A tensor of a row for each bucket.
fn matrix(rows: &[[f64; 3]]) -> Message {
    let axis = |len: usize| Message::default().int(1, len as u64);
    let shape = Message::default().message(2, &axis(rows.len())).message(2, &axis(3));
    let content: Vec<u8> = rows.iter().flatten().flat_map(|x| x.to_le_bytes()).collect();
    let float64 = 2;
    Message::default().int(1, float64).message(2, &shape).bytes(4, &content)
}
