//! Installs the package for Debian with dpkg, uses it, upgrades it, and removes it, on a copy of this machine: an overlay in a mount
//! namespace, which is gone with its last process. The machine itself stays as it is.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};

/// Makes the copy below `$1`, with the package `$2` in it, and runs the script `$3` there with the version `$4`. There is no
/// /run of this machine's, so that the package sees no systemd to talk to.
const COPY: &str = r#"
mount -t tmpfs tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount -t proc proc "$1/root/proc"
mount --rbind /dev "$1/root/dev"
mount -t tmpfs tmpfs "$1/root/run"
mount -t tmpfs tmpfs "$1/root/tmp"
cp "$2" "$1/root/tmp/package.deb"
exec chroot "$1/root" sh -euc "$3" sh "$4"
"#;

/// What is done there.
const SCRIPT: &str = r#"
cd /
export NO_COLOR=1 DEBIAN_FRONTEND=noninteractive
etc=/etc/anomaly-gateway
holds() { "$@" || { echo "does not hold: $*"; exit 1; }; }

echo '-- installed'
dpkg -i /tmp/package.deb
holds [ "$(anomaly-gateway --version)" = "anomaly-gateway $1" ]
holds [ "$(stat -c '%U:%G %a' $etc)" = 'root:anomaly-gateway 750' ]
holds [ "$(stat -c '%U:%G %a' $etc/gateway.yml)" = 'root:root 644' ]
for file in /usr/lib/systemd/system/anomaly-gateway.service /usr/lib/systemd/system/anomaly-gateway.socket \
    /usr/lib/systemd/system/anomaly-gateway-admin.socket /usr/share/man/man1/anomaly-gateway.1.gz \
    /usr/share/doc/anomaly-gateway/docs/operate/installing.md; do
    holds [ -f $file ]
done
# As the user that the unit names.
holds setpriv --reuid=anomaly-gateway --regid=anomaly-gateway --clear-groups \
    anomaly-gateway check --config $etc/gateway.yml

echo '-- the same again, as an upgrade does'
echo '# Mine.' >> $etc/gateway.yml
echo 'policies: []' > $etc/policies/mine.yml
dpkg -i /tmp/package.deb
holds grep -qx '# Mine.' $etc/gateway.yml

echo '-- removed'
dpkg -r anomaly-gateway
holds [ ! -e /usr/bin/anomaly-gateway ]
holds [ ! -e /usr/lib/systemd/system/anomaly-gateway.service ]
holds grep -qx '# Mine.' $etc/gateway.yml

echo '-- installed again, and purged'
dpkg -i /tmp/package.deb
holds grep -qx '# Mine.' $etc/gateway.yml
mkdir -p /var/log/anomaly-gateway
dpkg -P anomaly-gateway
holds [ ! -e $etc/gateway.yml ]
holds [ ! -e /var/log/anomaly-gateway ]
holds [ -f $etc/policies/mine.yml ]
"#;

/// Tries the package out.
pub fn try_out(package: &Path, version: &str) -> anyhow::Result<()> {
    println!("\n== {} on a copy of this machine", package.display());
    let folder = tempfile::tempdir()?;
    let status = Command::new("unshare")
        .args(["--mount", "--fork", "--pid", "--kill-child", "sh", "-euc", COPY, "sh"])
        .args([folder.path(), package])
        .args([SCRIPT, version])
        .stdin(Stdio::null())
        .status()
        .context("`unshare` cannot be started")?;
    ensure!(
        status.success(),
        "the package could not be installed, used and removed on a copy of this machine. That takes root, and Debian or Ubuntu"
    );
    Ok(())
}
