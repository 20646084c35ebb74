//! Generates the strict schema of a type, for the tests of checked-in schemas.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// Keywords that some servers reject.
const LEFT_OUT: [&str; 6] = ["$schema", "title", "description", "format", "minimum", "maximum"];

/// Returns the strict schema of a type: all fields are required, no others are allowed, and there are no
/// references.
pub fn strict<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
        settings.inline_subschemas = true;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    tighten(&mut schema);
    schema
}

fn tighten(schema: &mut Value) {
    match schema {
        Value::Array(parts) => parts.iter_mut().for_each(tighten),
        Value::Object(fields) => {
            LEFT_OUT.iter().for_each(|name| drop(fields.remove(*name)));
            if let Some(ways) = fields.remove("oneOf") {
                fields.insert("anyOf".to_owned(), ways);
            }
            if let Some(value) = fields.remove("const") {
                fields.insert("enum".to_owned(), json!([value]));
            }
            if let Some(properties) = fields.get_mut("properties").and_then(Value::as_object_mut) {
                let names: Vec<String> = properties.keys().cloned().collect();
                properties.values_mut().for_each(tighten);
                fields.insert("required".to_owned(), json!(names));
                fields.insert("additionalProperties".to_owned(), json!(false));
            }
            for name in ["anyOf", "items"] {
                if let Some(part) = fields.get_mut(name) {
                    tighten(part);
                }
            }
        }
        _ => {}
    }
}
