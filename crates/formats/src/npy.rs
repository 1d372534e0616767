//! NumPy's files: `.npy` holds one array, `.npz` some under names.

use std::io::{Read, Seek, Write};

use ceratops_core::{Error, Result, Tensor};

/// Reads a `.npy` file: floats, integers and booleans of any width and byte order, in C or Fortran
/// order, become f32.
pub fn read_npy(from: impl Read) -> Result<Tensor> {
    drop(from);
    Err(Error::Data(".npy is not read yet".into()))
}

/// Writes a `.npy` file of f32.
pub fn write_npy(to: impl Write, tensor: &Tensor) -> Result<()> {
    let _ = (to, tensor);
    Err(Error::Data(".npy is not written yet".into()))
}

/// Reads a `.npz` file: its arrays, in its order.
pub fn read_npz(from: impl Read + Seek) -> Result<Vec<(String, Tensor)>> {
    drop(from);
    Err(Error::Data(".npz is not read yet".into()))
}

/// Writes a `.npz` file.
pub fn write_npz(to: impl Write + Seek, tensors: &[(String, Tensor)]) -> Result<()> {
    let _ = (to, tensors);
    Err(Error::Data(".npz is not written yet".into()))
}
