//! Samples of the layers that hear.

use ceratops_layers::{
    DataFormat, FrameWindow, MelSpectrogram, Padding, STFTSpectrogram, SpectrogramMode,
    WindowScaling,
};

use crate::samples::{Sample, sample};

pub(crate) fn samples() -> Vec<Sample> {
    use SpectrogramMode::{Angle, Imag, Log, Magnitude, Psd, Real, Stft};
    let stft = || STFTSpectrogram::new(4).frame_step(3);
    let mel = || {
        let small = MelSpectrogram::new().fft_length(8).sequence_stride(3).num_mel_bins(3);
        small.sampling_rate(100).min_freq(1.0)
    };
    let modes = [Log, Magnitude, Psd, Real, Imag, Angle, Stft];
    let modes = modes.into_iter().map(|mode| sample(stft().mode(mode), &[10, 2]));
    let others = [
        sample(stft().padding(Padding::Same), &[8, 1]),
        sample(stft().expand_dims(true).mode(Magnitude), &[7, 2]),
        sample(stft().expand_dims(true).data_format(DataFormat::ChannelsFirst).mode(Psd), &[2, 7]),
        sample(stft().data_format(DataFormat::ChannelsFirst).mode(Stft), &[2, 7]),
        sample(stft().fft_length(7).window(FrameWindow::from("hamming")).periodic(true), &[7, 1]),
        sample(stft().window(None).scaling(None).mode(Psd), &[7, 1]),
        sample(stft().scaling(WindowScaling::Spectrum).mode(Real), &[7, 1]),
        sample(mel().power_to_db(false), &[11]),
        sample(mel().power_to_db(false).mag_exp(1.0).window(FrameWindow::from("hamming")), &[11]),
        sample(mel().top_db(200.0).ref_power(3.0), &[11]),
        sample(mel().power_to_db(false).sequence_length(5).max_freq(40.0), &[11]),
        sample(mel().fft_length(9).window(None), &[14]),
    ];
    modes.chain(others).collect()
}
