//! Layers that hear: which frequencies a signal has, and when.

mod fourier;
mod mel_spectrogram;
mod mode;
mod stft_spectrogram;
mod window;

pub use self::{
    mel_spectrogram::MelSpectrogram,
    mode::SpectrogramMode,
    stft_spectrogram::{STFTSpectrogram, WindowScaling},
    window::FrameWindow,
};
