//! The printed schema in an editor: the language server of Visual Studio Code's JSON mode.

use anomaly_gateway::es::version::Version;
use conformance::{Product, Shown, shown};

fn shown_of(api: Version, documents: &[&str]) -> Vec<Shown> {
    let product = Product::new(api).expect("the schema is sound");
    let schema = product.printed_schema().expect("a schema");
    shown(&schema, documents).expect("the language server answers")
}

#[test]
fn an_editor_completes_explains_and_underlines() {
    for api in [Version::BASE, Version::new(9, 5, 0)] {
        let documents = [
            r#"{"analysis_config": {"detectors": [{"function": "|"}]}, "data_description": {}}"#,
            r#"{"analysis_config": {"bucket_s|pan": "15m", "detectors": [{"function": "count"}]}, "data_description": {}}"#,
            r#"{"analysis_config": {"detectors": [{"function": "sum"}]}, "data_description": {}}"#,
            r#"{"analysis_config": {"detectors": [{"function": "sum", "field_name": "total"}]}, "data_description": {}}"#,
            r#"{"analysis_config": {"detectors": [{|}]}, "data_description": {}}"#,
            r#"{"analysis_config": {"bucket_span": "10M", "detectors": [{"function": "count"}]}, "data_description": {}}"#,
        ];
        let shown = shown_of(api, &documents);
        let [functions, bucket_span, sum, fine, members, span] = shown.as_slice() else {
            panic!("{shown:?}");
        };
        for function in ["\"high_mean\"", "\"rare\"", "\"dc\"", "\"freq_rare\""] {
            let is_offered = functions.completions.iter().any(|label| label == function);
            assert!(is_offered, "{function} in {:?}", functions.completions);
        }
        assert!(
            bucket_span.hover.contains("The length of time"),
            "{}",
            bucket_span.hover
        );
        let (text, message) = sum.underlined.first().expect("a sum without a field is underlined");
        assert!(message.contains("field_name"), "{message}");
        // It is the beginning of the detector that lacks something.
        assert_eq!(text, "{");
        assert_eq!(fine.underlined, []);
        for member in ["function", "partition_field_name", "custom_rules"] {
            let is_offered = members.completions.iter().any(|label| label == member);
            assert!(is_offered, "{member} in {:?}", members.completions);
        }
        assert_eq!(span.underlined.first().map(|(text, _)| text.as_str()), Some("\"10M\""));
    }
}
