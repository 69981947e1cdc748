use super::*;
use crate::OpenError;
use std::os::unix::fs::PermissionsExt;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn refused(folder: &Path) -> OpenError {
    Ring::open(folder, operator(1), vec![], Arc::new(|| START_MS)).unwrap_err()
}

#[tokio::test]
async fn only_its_owner_can_read_or_list_anything() {
    let house = House::new();
    let ring = house.open();
    ring.identity(&bot(), "k").await.unwrap();
    ring.keep(&bot(), "token", secret("value")).await.unwrap();
    let mut seen = [0, 0];
    walk(&house.folder(), &mut |path| {
        seen[usize::from(path.is_dir())] += 1;
        assert_eq!(mode(path), if path.is_dir() { 0o700 } else { 0o600 }, "{path:?}");
    });
    assert_eq!(seen, [2, 4]);
}

#[test]
fn a_folder_that_others_may_use_is_refused_with_what_to_do() {
    let house = House::new();
    drop(house.open());
    for shared in [0o755, 0o750, 0o701, 0o720] {
        fs::set_permissions(house.folder(), fs::Permissions::from_mode(shared)).unwrap();
        let error = refused(&house.folder());
        assert!(matches!(error, OpenError::Shared { .. }) && error.to_string().contains("chmod 700"));
        assert_eq!(mode(&house.folder()), shared);
    }
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let error = refused(&file);
    assert!(matches!(error, OpenError::NotAFolder { .. }) && error.to_string().contains("/file"), "{error}");
    let error = refused(&file.join("below"));
    assert!(
        matches!(error, OpenError::Folder { .. }) && error.to_string().contains("/file/below"),
        "{error}"
    );
}
