//! The plugin of protoc and buf that makes `src/generated`: prost's messages and tonic's client, by
//! their own generators, but without a `Debug` that shows a key.

use std::error::Error;
use std::io::{Read, Write};
use std::{fs, io};

use prost::Message;
use prost_types::FileDescriptorSet;
use prost_types::compiler::code_generator_response::{Feature, File};
use prost_types::compiler::{CodeGeneratorRequest, CodeGeneratorResponse};

const MODULE: &str = "docspace.apikeys.v1.rs";

fn main() -> Result<(), Box<dyn Error>> {
    let mut octets = Vec::new();
    io::stdin().read_to_end(&mut octets)?;
    let request = CodeGeneratorRequest::decode(octets.as_slice())?;
    let directory = tempfile::tempdir()?;
    tonic_prost_build::configure()
        .build_server(false)
        .skip_debug([".docspace.apikeys.v1.ApiKey"])
        .out_dir(directory.path())
        .compile_fds(FileDescriptorSet { file: request.proto_file })?;
    let response = CodeGeneratorResponse {
        supported_features: Some(Feature::Proto3Optional as u64),
        file: vec![File {
            name: Some(MODULE.to_owned()),
            content: Some(fs::read_to_string(directory.path().join(MODULE))?),
            ..File::default()
        }],
        ..CodeGeneratorResponse::default()
    };
    io::stdout().write_all(&response.encode_to_vec())?;
    Ok(())
}
