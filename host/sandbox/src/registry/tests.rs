use super::*;

#[test]
fn a_component_rejected_while_it_compiles_is_not_adopted() {
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::open(folder.path().to_owned()).unwrap();
    let (one, two) = (digest(b"one"), digest(b"two"));
    registry.put("a", b"one", None).unwrap();
    let judged = registry.state("a").unwrap();
    let adopt = |digest: &str, component: &[u8]| {
        registry.adopt("a", digest, component, &judged, &registry.component("a").unwrap(), None).unwrap()
    };
    assert!(adopt(&one, b"one"));
    registry.reject("a", &two).unwrap();
    assert!(!adopt(&two, b"two"));
    assert_eq!(registry.state("a").unwrap().current.as_ref(), Some(&one));
    registry.put("a", b"two", None).unwrap();
    assert!(adopt(&two, b"two"));
    let source = Source::File(registry.component("a").unwrap());
    assert_eq!(registry.rollback("a", &source).unwrap(), one);
    registry.remove("a").unwrap();
    assert!(!adopt(&two, b"two"));
    assert_eq!(registry.names().unwrap(), [""; 0]);
}
