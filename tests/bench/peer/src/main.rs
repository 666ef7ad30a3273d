//! OpenVM's CPU prover and verifier on openswirl's keys, traces and proofs.
//!
//!     openswirl-peer prove PK FOLDER...
//!     openswirl-peer verify VK PROOF
//!
//! `prove` takes orders from standard input, one a line, and answers each with a line of JSON: the number of a
//! folder, from 0 up, to prove its traces and verify the proof; `permutations` to measure Poseidon2; `peak` for the
//! most memory so far. So another prover can take turns with it. With PROOF_OUT in the environment it writes the last
//! proof there. Keys are in postcard form, proofs in OpenVM's codec, a folder is one of the test vectors' format
//! (tests/vectors/README.md).

mod case;
mod permutations;
mod spans;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use openvm_stark_sdk::config::baby_bear_poseidon2::{BabyBearPoseidon2Config, BabyBearPoseidon2CpuEngine};
use openvm_stark_sdk::openvm_stark_backend::codec::{Decode, Encode};
use openvm_stark_sdk::openvm_stark_backend::keygen::types::{MultiStarkProvingKey, MultiStarkVerifyingKey};
use openvm_stark_sdk::openvm_stark_backend::proof::Proof;
use openvm_stark_sdk::openvm_stark_backend::prover::DeviceDataTransporter;
use openvm_stark_sdk::openvm_stark_backend::StarkEngine;
use serde_json::json;

type Config = BabyBearPoseidon2Config;
type Outcome<T> = Result<T, Box<dyn Error>>;

/// Adds the file to an error about its content.
fn in_file<T, E: std::fmt::Debug>(path: &Path, result: Result<T, E>) -> Outcome<T> {
    result.map_err(|error| format!("{}: {error:?}", path.display()).into())
}

fn prove(pk_path: &Path, folders: &[&Path]) -> Outcome<()> {
    let pk: MultiStarkProvingKey<Config> =
        in_file(pk_path, postcard::from_bytes(&in_file(pk_path, std::fs::read(pk_path))?))?;
    let vk = pk.get_vk();
    let engine: BabyBearPoseidon2CpuEngine = StarkEngine::new(pk.params.clone());
    let device_pk = engine.device().transport_pk_to_device(&pk);
    let proof_out = std::env::var_os("PROOF_OUT").map(PathBuf::from);
    let log = spans::Log::install();
    for order in std::io::stdin().lines() {
        let answer = match order?.as_str() {
            "permutations" => json!(permutations::per_second()),
            "peak" => json!(peak_bytes()),
            number => {
                let folder = number.parse().ok().and_then(|number: usize| folders.get(number));
                let folder = folder.ok_or_else(|| format!("no such order: {number:?}"))?;
                // Read anew, since proving consumes the traces: a copy would count as the prover's memory.
                let context = case::read(folder, &pk, &engine)?;
                log.clear();
                let proof = engine.prove(&device_pk, context).map_err(|error| format!("{error:?}"))?;
                let spans = log.totals();
                let started = Instant::now();
                engine
                    .verify(&vk, &proof)
                    .map_err(|error| format!("the verifier refuses the proof: {error:?}"))?;
                let verify_s = started.elapsed().as_secs_f64();
                if let Some(path) = &proof_out {
                    in_file(path, std::fs::write(path, proof.encode_to_vec()?))?;
                }
                json!({"verify_s": verify_s, "spans": spans})
            }
        };
        println!("{answer}");
    }
    Ok(())
}

fn verify(vk_path: &Path, proof_path: &Path) -> Outcome<()> {
    let vk: MultiStarkVerifyingKey<Config> =
        in_file(vk_path, postcard::from_bytes(&in_file(vk_path, std::fs::read(vk_path))?))?;
    let bytes = in_file(proof_path, std::fs::read(proof_path))?;
    let proof: Proof<Config> = in_file(proof_path, Proof::decode_from_bytes(&bytes))?;
    if in_file(proof_path, proof.encode_to_vec())? != bytes {
        return Err(format!("{}: decodes, but not to its own bytes", proof_path.display()).into());
    }
    let engine: BabyBearPoseidon2CpuEngine = StarkEngine::new(vk.inner.params.clone());
    let started = Instant::now();
    engine.verify(&vk, &proof).map_err(|error| format!("refused: {error:?}"))?;
    println!("accepted: {} bytes, {:.1} ms", bytes.len(), started.elapsed().as_secs_f64() * 1e3);
    Ok(())
}

/// What was resident at most, where the system tells (Linux).
fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["prove", pk, folders @ ..] if !folders.is_empty() => {
            prove(Path::new(pk), &folders.iter().map(Path::new).collect::<Vec<_>>())
        }
        ["verify", vk, proof] => verify(Path::new(vk), Path::new(proof)),
        _ => Err("usage: openswirl-peer prove PK FOLDER... | verify VK PROOF".into()),
    }
}
