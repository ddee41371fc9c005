//! A function without any client: the Runtime API over a socket.
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, thread};

fn call(api: &str, method: &str, path: &str, body: &str) -> (Vec<String>, String) {
    let mut socket = TcpStream::connect(api).unwrap();
    let length = body.len();
    let head = format!(
        "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: {api}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    socket.write_all((head + body).as_bytes()).unwrap();
    let mut reader = BufReader::new(socket);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        headers.push(line.trim().to_string());
    }
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    (headers, text)
}

fn header(headers: &[String], name: &str) -> String {
    let prefix = format!("{name}: ");
    let line = headers.iter().find(|line| line.starts_with(&prefix)).unwrap();
    line[prefix.len()..].to_string()
}

fn main() {
    let api = env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
    loop {
        let (headers, event) = call(&api, "GET", "invocation/next", "");
        let id = header(&headers, "lambda-runtime-aws-request-id");
        if event.contains("panic") {
            panic!("oh");
        }
        if event.contains("sleep") {
            thread::sleep(Duration::from_secs(3600));
        }
        if event.contains("fail") {
            let error = r#"{"errorType":"Own","errorMessage":"no"}"#;
            call(&api, "POST", &format!("invocation/{id}/error"), error);
            continue;
        }
        let arn = header(&headers, "lambda-runtime-invoked-function-arn");
        let deadline: u128 = header(&headers, "lambda-runtime-deadline-ms").parse().unwrap();
        let left = deadline > SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let answer = format!(r#"{{"event":{event},"arn":"{arn}","left":{left}}}"#);
        call(&api, "POST", &format!("invocation/{id}/response"), &answer);
    }
}
