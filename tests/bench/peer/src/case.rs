//! Traces of a folder in the test vectors' format.

use std::path::Path;
use std::sync::Arc;

use openvm_cpu_backend::CpuBackend;
use openvm_stark_sdk::config::baby_bear_poseidon2::{BabyBearPoseidon2CpuEngine, F};
use openvm_stark_sdk::openvm_stark_backend::keygen::types::MultiStarkProvingKey;
use openvm_stark_sdk::openvm_stark_backend::p3_field::PrimeCharacteristicRing;
use openvm_stark_sdk::openvm_stark_backend::p3_matrix::dense::RowMajorMatrix;
use openvm_stark_sdk::openvm_stark_backend::prover::{
    AirProvingContext, CommittedTraceData, ProvingContext, TraceCommitter,
};
use openvm_stark_sdk::openvm_stark_backend::StarkEngine;
use serde_json::Value;

use crate::{in_file, Config, Outcome};

/// The traces of the folder's present AIRs; commits to the cached parts.
pub fn read(
    folder: &Path,
    pk: &MultiStarkProvingKey<Config>,
    engine: &BabyBearPoseidon2CpuEngine,
) -> Outcome<ProvingContext<CpuBackend<Config>>> {
    let path = folder.join("case.json");
    let description: Value = in_file(&path, serde_json::from_slice(&in_file(&path, std::fs::read(&path))?))?;
    let mut per_trace = Vec::new();
    for entry in description["traces"].as_array().ok_or_else(|| format!("{}: no traces", path.display()))? {
        let air_id = number(&path, &entry["air_id"])? as usize;
        let air = pk.per_air.get(air_id).ok_or_else(|| format!("{}: no AIR {air_id}", path.display()))?;
        let mut cached_mains = Vec::new();
        for part in 0..air.vk.params.width.cached_mains.len() {
            let trace = matrix(&folder.join(format!("air{air_id}_cached{part}.npy")))?;
            let (commitment, data) =
                engine.device().commit(&[&trace]).map_err(|error| format!("{error:?}"))?;
            cached_mains.push(CommittedTraceData { commitment, trace, data: Arc::new(data) });
        }
        let common = matrix(&folder.join(format!("air{air_id}_common.npy")))?;
        let public_values = entry["public_values"].as_array().map(Vec::as_slice).unwrap_or_default();
        let public_values = public_values.iter().map(|value| Ok(F::from_u32(number(&path, value)?)));
        let public_values = public_values.collect::<Outcome<_>>()?;
        per_trace.push((air_id, AirProvingContext::new(cached_mains, common, public_values)));
    }
    Ok(ProvingContext::new(per_trace))
}

fn number(path: &Path, value: &Value) -> Outcome<u32> {
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    number.ok_or_else(|| format!("{}: {value} is no 32-bit number", path.display()).into())
}

/// A NumPy file of format 1.0 with little-endian u32 in C order and two dimensions, canonical residues.
fn matrix(path: &Path) -> Outcome<RowMajorMatrix<F>> {
    let bytes = in_file(path, std::fs::read(path))?;
    let refuse = |problem: &str| format!("{}: {problem}", path.display());
    if bytes.len() < 10 || &bytes[..8] != b"\x93NUMPY\x01\x00" {
        return Err(refuse("no NumPy file of format 1.0").into());
    }
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = bytes.get(10..start).map(String::from_utf8_lossy).ok_or_else(|| refuse("cut off"))?;
    if !header.contains("'descr': '<u4'") || !header.contains("'fortran_order': False") {
        return Err(refuse("must be <u4 in C order").into());
    }
    let shape =
        header.split_once("'shape': (").and_then(|(_, rest)| rest.split_once(')')).map(|(shape, _)| shape);
    let sizes: Vec<usize> =
        shape.unwrap_or_default().split(',').filter_map(|size| size.trim().parse().ok()).collect();
    let [height, width] = sizes[..] else { return Err(refuse("must have two dimensions").into()) };
    if width == 0 || bytes.len() - start != 4 * height * width {
        return Err(refuse("has another size than its header says").into());
    }
    let values =
        bytes[start..].chunks_exact(4).map(|word| F::from_u32(u32::from_le_bytes(word.try_into().unwrap())));
    Ok(RowMajorMatrix::new(values.collect(), width))
}
