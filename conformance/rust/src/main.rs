//! Does what the event says, under AWS's client for Rust.

use http::StatusCode;
use lambda_runtime::{
    run, service_fn, streaming, Diagnostic, Error, FunctionResponse, LambdaEvent, MetadataPrelude,
    StreamResponse,
};
use serde_json::{json, Value};

type Stream = streaming::Body;

async fn plain(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let context = &event.context;
    match event.payload["case"].as_str().unwrap_or("") {
        "error" => Err("no luck".into()),
        "number" => Err(Box::new("x".parse::<i32>().unwrap_err())),
        "named" => Err(Box::new(Named)),
        "panic" => panic!("in a panic"),
        "exit" => std::process::exit(3),
        "abort" => std::process::abort(),
        "sleep" => {
            tokio::time::sleep(std::time::Duration::from_secs(60)).await;
            Ok(Value::Null)
        }
        "context" => Ok(json!({
            "name": context.env_config.function_name,
            "memory": context.env_config.memory,
            "version": context.env_config.version,
            "id": context.request_id.len(),
            "arn": context.invoked_function_arn.split(':').count(),
            "client": context.client_context.is_some(),
            "identity": context.identity.is_some(),
        })),
        _ => Ok(event.payload),
    }
}

#[derive(Debug)]
struct Named;

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("has a name")
    }
}

impl std::error::Error for Named {}

async fn diagnosed(_: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    Err(Diagnostic { error_type: "Own.Type".into(), error_message: "own message".into() })
}

async fn typed(event: LambdaEvent<Vec<u8>>) -> Result<usize, Error> {
    Ok(event.payload.len())
}

async fn streamed(event: LambdaEvent<Value>) -> Result<StreamResponse<Stream>, Error> {
    let (mut sender, body) = streaming::channel();
    let fails = event.payload["case"] == "fails";
    tokio::spawn(async move {
        let _ = sender.send_data("one ".into()).await;
        if fails {
            sender.abort();
        } else {
            let _ = sender.send_data("two".into()).await;
        }
    });
    Ok(StreamResponse::from(body))
}

async fn headed(_: LambdaEvent<Value>) -> Result<StreamResponse<Stream>, Error> {
    let (mut sender, body) = streaming::channel();
    tokio::spawn(async move {
        let _ = sender.send_data("body".into()).await;
    });
    let mut prelude = MetadataPrelude { status_code: StatusCode::CREATED, ..Default::default() };
    prelude.headers.insert("x-own", "a,b".parse()?);
    prelude.cookies = vec!["a=1; Path=/".into()];
    Ok(StreamResponse { metadata_prelude: prelude, stream: body })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    match std::env::var("_HANDLER").unwrap_or_default().as_str() {
        "headed" => run(service_fn(headed)).await,
        "streamed" => run(service_fn(streamed)).await,
        "diagnosed" => run(service_fn(diagnosed)).await,
        "typed" => run(service_fn(typed)).await,
        "early" => Err("cannot start".into()),
        _ => run(service_fn(plain)).await,
    }
}

#[allow(dead_code)]
type Response = FunctionResponse<Value, Stream>;
