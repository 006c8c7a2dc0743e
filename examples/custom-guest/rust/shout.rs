//! Writes its input in capitals, and what it was told into a file: a plain Rust program.
use std::io::{Read, Write};

fn main() -> std::io::Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    print!("{}", text.to_uppercase());
    let name = std::env::args().nth(1).unwrap_or_else(|| "/tmp/shout.txt".into());
    let mut file = std::fs::File::create(&name)?;
    writeln!(file, "{} letters", text.chars().filter(|letter| letter.is_alphabetic()).count())
}
