# shellcheck shell=bash
# What the commands in deploy/ need, and where to get it: a JDK, Maven, PostgreSQL's server programs
# and PgQ. Sourced, not run.
#
#   need_prerequisites [cron]
#                         finds them, or installs what is missing (as root, from the system's package
#                         manager), or says what to install and exits 2. Sets and exports JAVA_HOME
#                         and PGQ_POSTGRES_BIN, and sets MVN. With "cron" also the cron that the
#                         tests start, busybox's: it runs beside the system's without touching it.
#   need_browser          the same for a Chromium and its driver, with which the fleet page is tested. Sets
#                         and exports PGQ_CHROMIUM and PGQ_CHROMEDRIVER.
#   need_pgqd             the same for pgqd, PgQ's own ticker, which the benchmark compares ours with.
#                         Sets and exports PGQD.
#   need_skytools         the same for Skytools' consumers in Python, which the benchmarks compare our
#                         mover with. Sets and exports PGQ_PYTHON.
#   need_promtool         the same for promtool, which the tests check metrics, alert rules and the
#                         dashboard with. Sets and exports PROMTOOL.

readonly JDK_WANTED=25
readonly MAVEN_WANTED=3.8.6
CRON_WANTED=

say() { printf '%s\n' "$*" >&2; }

wrong_use() {
  say "$*"
  say "See ${0##*/} --help"
  exit 2
}

# at_least VERSION WANTED
at_least() {
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# --- looking -----------------------------------------------------------------------------------

jdk_version() { # DIRECTORY: prints the version if this is a JDK, not only a runtime
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] &&
    sed -n 's/^JAVA_VERSION="\([0-9][0-9]*\).*/\1/p' "$1/release"
}

find_jdk() {
  local home version path_home=
  if path_home=$(command -v javac); then
    path_home=$(readlink -f "$path_home")
    path_home=${path_home%/bin/javac}
  fi
  for home in "${JAVA_HOME:-}" "$path_home" /usr/lib/jvm/* /usr/java/* /opt/* \
    "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*; do
    version=$(jdk_version "${home:-/nowhere}") || continue
    if [ -n "$version" ] && [ "$version" -ge "$JDK_WANTED" ]; then
      export JAVA_HOME=$home
      return 0
    fi
  done
  return 1
}

find_maven() {
  local mvn version
  for mvn in "$(command -v mvn || true)" /opt/*/bin/mvn /usr/share/maven/bin/mvn \
    "$HOME"/.sdkman/candidates/maven/current/bin/mvn; do
    [ -x "$mvn" ] || continue
    version=$("$mvn" --version 2>/dev/null | sed -n 's/.*Apache Maven \([0-9.]*\).*/\1/p') || continue
    if [ -n "$version" ] && at_least "$version" "$MAVEN_WANTED"; then
      MVN=$mvn
      return 0
    fi
  done
  return 1
}

server_bins() { # prints the directories of installed server programs, the newest version last
  local bin
  {
    for bin in "${PGQ_POSTGRES_BIN:-}" "$(command -v postgres || true)" \
      /usr/lib/postgresql/*/bin /usr/pgsql-*/bin; do
      bin=${bin%/postgres}
      list_server "$bin"
    done
    if bin=$(pg_config --bindir 2>/dev/null); then list_server "$bin"; fi
  } | sort -u -n | cut -f 2
}

list_server() { # BIN: prints version and directory if there are server programs
  local bin
  if [ -x "$1/initdb" ] && [ -x "$1/postgres" ]; then
    # A program on PATH may be a link into the installation.
    bin=$(readlink -f "$1/postgres")
    printf '%s\t%s\n' "$(server_version "$1")" "${bin%/postgres}"
  fi
}

server_version() { # BIN: prints the major version
  "$1/postgres" --version | sed -n 's/^[^0-9]*\([0-9][0-9]*\).*/\1/p'
}

has_pgq() { # BIN
  local share
  for share in "$("$1/pg_config" --sharedir 2>/dev/null || true)" \
    "/usr/share/postgresql/$(server_version "$1")" "$1/../share" "$1/../share/postgresql"; do
    if [ -n "$share" ] && [ -e "$share/extension/pgq.control" ]; then
      return 0
    fi
  done
  return 1
}

find_pgq() {
  local bin found=
  while read -r bin; do
    if has_pgq "$bin"; then found=$bin; fi
  done < <(server_bins)
  [ -n "$found" ] && export PGQ_POSTGRES_BIN=$found
}

installed_server() { # prints the newest major version installed, or nothing
  local bin
  bin=$(server_bins | tail -n 1)
  if [ -n "$bin" ]; then server_version "$bin"; fi
}

find_cron() { # succeeds as well where none is wanted
  local applets
  [ -z "$CRON_WANTED" ] ||
    { applets=$(busybox --list 2>/dev/null) && grep -qx crond <<<"$applets"; }
}

# --- Debian and its relatives --------------------------------------------------------------------

apt_has() { # PACKAGE
  local policy
  policy=$(LC_ALL=C apt-cache policy "$1" 2>/dev/null)
  [[ $policy =~ "Candidate: "[^\(] ]]
}

apt_pgq_packages() { # prints server and PgQ for the installed version, else for the newest there is
  local version
  version=$(installed_server)
  if [ -z "$version" ] || ! apt_has "postgresql-$version-pgq3"; then
    version=$(apt-cache search --names-only '^postgresql-[0-9]+-pgq3$' |
      sed -n 's/^postgresql-\([0-9]*\)-pgq3 .*/\1/p' | sort -n | tail -n 1)
  fi
  if [ -n "$version" ]; then echo "postgresql-$version postgresql-$version-pgq3"; fi
}

apt_packages() { # prints the packages for what is missing; fails if one of them is not to be had
  local packages=() pgq status=0
  if ! find_jdk; then
    if apt_has "openjdk-$JDK_WANTED-jdk-headless"; then
      packages+=("openjdk-$JDK_WANTED-jdk-headless")
    else
      status=1
    fi
  fi
  if ! find_maven; then
    if apt_has maven; then packages+=(maven); else status=1; fi
  fi
  if ! find_pgq; then
    pgq=$(apt_pgq_packages)
    # shellcheck disable=SC2206 # two words
    if [ -n "$pgq" ]; then packages+=($pgq); else status=1; fi
  fi
  if ! find_cron; then
    # Debian's package busybox lacks crond.
    if apt_has busybox-static; then packages+=(busybox-static); else status=1; fi
  fi
  echo "${packages[*]}"
  return "$status"
}

apt_install() { # PACKAGE...
  # A server package would otherwise create a cluster and start it. An own file, for the time of the
  # installation: clusters that exist, and the settings for those to come, stay as they are.
  local directory=/etc/postgresql-common/createcluster.d
  local file=$directory/zz-pgq-fleet.conf
  mkdir -p "$directory"
  echo "create_main_cluster = false" >"$file"
  local status=0
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@" >&2 || status=$?
  rm -f "$file"
  return "$status"
}

install_by_apt() {
  local packages updated=
  if ! packages=$(apt_packages); then
    say "Reading the package lists anew: apt-get update"
    apt-get update >&2 || say "apt-get update failed; going on with the lists there are"
    updated=yes
    packages=$(apt_packages) || true
  fi
  if [ -z "$packages" ]; then return 0; fi
  say "Installing $packages"
  # shellcheck disable=SC2086 # a list
  if ! apt_install $packages; then
    if [ -n "$updated" ]; then return 1; fi
    # The lists may name versions that the archive has replaced.
    apt-get update >&2 && apt_install $packages
  fi
}

# --- Red Hat and its relatives ---------------------------------------------------------------------

dnf_has() { # PACKAGE
  dnf --quiet list --available "$1" >/dev/null 2>&1
}

install_by_dnf() {
  local packages=() version
  find_jdk || ! dnf_has "java-$JDK_WANTED-openjdk-devel" ||
    packages+=("java-$JDK_WANTED-openjdk-devel")
  find_maven || ! dnf_has maven || packages+=(maven)
  if ! find_pgq; then
    # Only the PostgreSQL project's own packages have PgQ.
    version=$(installed_server)
    for version in ${version:-18 17 16 15 14}; do
      if dnf_has "pgq_$version"; then
        packages+=("postgresql$version-server" "pgq_$version")
        break
      fi
    done
  fi
  find_cron || ! dnf_has busybox || packages+=(busybox)
  if [ "${#packages[@]}" -eq 0 ]; then return 0; fi
  say "Installing ${packages[*]}"
  dnf --assumeyes install "${packages[@]}" >&2
}

# --- all together ----------------------------------------------------------------------------------

missing() { # prints what is missing and how to get it, a line each; nothing if all is there
  local version
  find_jdk || cat <<EOF
  - a JDK $JDK_WANTED or newer (looked in JAVA_HOME, PATH, /usr/lib/jvm, /usr/java, /opt, ~/.sdkman).
    Debian, Ubuntu: openjdk-$JDK_WANTED-jdk-headless; Red Hat: java-$JDK_WANTED-openjdk-devel;
    anywhere: Eclipse Temurin $JDK_WANTED from https://adoptium.net, with JAVA_HOME naming its directory
EOF
  find_maven || cat <<EOF
  - Maven $MAVEN_WANTED or newer (looked on PATH, in /opt, ~/.sdkman).
    Package maven, or https://maven.apache.org/download.cgi with its bin directory on PATH
EOF
  if ! find_pgq; then
    version=$(installed_server)
    cat <<EOF
  - PostgreSQL's server programs with PgQ (PostgreSQL found: ${version:-none}).
    Debian, Ubuntu: postgresql-${version:-NN} and postgresql-${version:-NN}-pgq3;
    Red Hat: postgresql${version:-NN}-server and pgq_${version:-NN}, from https://yum.postgresql.org;
    elsewhere in the file system: name the directory of postgres and initdb in PGQ_POSTGRES_BIN
EOF
  fi
  find_cron || cat <<EOF
  - busybox with its crond on PATH, for the tests of the ticker under cron.
    Debian, Ubuntu: busybox-static; Red Hat: busybox
EOF
}

need_prerequisites() {
  local lacking
  if [ "${1-}" = cron ]; then CRON_WANTED=yes; fi
  lacking=$(missing)
  if [ -n "$lacking" ] && [ "$(id -u)" -eq 0 ]; then
    if command -v apt-get >/dev/null; then
      install_by_apt || say "The installation failed"
    elif command -v dnf >/dev/null; then
      install_by_dnf || say "The installation failed"
    fi
    lacking=$(missing)
  fi
  if [ -n "$lacking" ]; then
    say "Missing:"
    say "$lacking"
    if [ "$(id -u)" -ne 0 ]; then say "Install it, or run this as root to have it installed."; fi
    exit 2
  fi
  # In this shell, not in the substitutions above.
  find_jdk
  find_maven
  find_pgq
  say "Using JDK $JAVA_HOME, Maven $MVN, PostgreSQL $PGQ_POSTGRES_BIN"
}

# --- what only the tests of the fleet page need --------------------------------------------------------

find_browser() {
  local program
  for program in "${PGQ_CHROMIUM:-}" chromium chromium-browser; do
    if [ -n "$program" ] && program=$(command -v "$program"); then
      export PGQ_CHROMIUM=$program
      break
    fi
  done
  for program in "${PGQ_CHROMEDRIVER:-}" chromedriver /usr/lib/chromium-browser/chromedriver; do
    if [ -n "$program" ] && program=$(command -v "$program"); then
      export PGQ_CHROMEDRIVER=$program
      break
    fi
  done
  [ -x "${PGQ_CHROMIUM:-}" ] && [ -x "${PGQ_CHROMEDRIVER:-}" ]
}

need_browser() {
  # A font comes along: a browser without one shows no text.
  local packages="chromium chromium-driver fonts-dejavu-core"
  if ! find_browser && [ "$(id -u)" -eq 0 ]; then
    if command -v apt-get >/dev/null; then
      say "Installing $packages"
      # shellcheck disable=SC2086 # a list
      if ! apt_has chromium || ! apt_install $packages; then
        apt-get update >&2 || say "apt-get update failed; going on with the lists there are"
        apt_install $packages || say "The installation failed"
      fi
    elif command -v dnf >/dev/null && dnf_has chromium; then
      say "Installing chromium and chromedriver"
      dnf --assumeyes install chromium chromedriver >&2 || say "The installation failed"
    fi
  fi
  if ! find_browser; then
    say "Missing:"
    say "  - Chromium and its driver (looked in PGQ_CHROMIUM, PGQ_CHROMEDRIVER, PATH).
    Debian: chromium and chromium-driver; Red Hat: chromium and chromedriver"
    if [ "$(id -u)" -ne 0 ]; then say "Install it, or run this as root to have it installed."; fi
    exit 2
  fi
  say "Using Chromium $PGQ_CHROMIUM"
}

# --- what only the benchmarks need -----------------------------------------------------------------

find_pgqd() {
  local program
  for program in "${PGQD:-}" "$(command -v pgqd || true)" /usr/bin/pgqd /usr/pgsql-*/bin/pgqd; do
    if [ -n "$program" ] && [ -x "$program" ]; then
      export PGQD=$program
      return 0
    fi
  done
  return 1
}

# The package starts a daemon that ticks the databases of a server on this host, which is not wanted
# here. Refused for the time of the installation, in the way that Debian's policy has for it.
apt_install_stopped() { # PACKAGE...
  local policy=/usr/sbin/policy-rc.d status=0 own=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    own=yes
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  apt_install "$@" || status=$?
  if [ -n "$own" ]; then
    rm -f "$policy"
    trap - EXIT
    # Nor at the next boot.
    if [ -d /run/systemd/system ]; then systemctl disable "$@" >/dev/null 2>&1 || true; fi
  fi
  return "$status"
}

need_pgqd() {
  if ! find_pgqd && [ "$(id -u)" -eq 0 ]; then
    if command -v apt-get >/dev/null; then
      say "Installing pgqd"
      if ! apt_has pgqd || ! apt_install_stopped pgqd; then
        apt-get update >&2 || say "apt-get update failed; going on with the lists there are"
        apt_install_stopped pgqd || say "The installation failed"
      fi
    elif command -v dnf >/dev/null && dnf_has pgqd; then
      say "Installing pgqd"
      dnf --assumeyes install pgqd >&2 || say "The installation failed"
    fi
  fi
  if ! find_pgqd; then
    say "Missing:"
    say "  - pgqd, PgQ's own ticker (looked in PGQD, PATH, /usr/bin, /usr/pgsql-*/bin).
    Debian, Ubuntu: pgqd; elsewhere: https://github.com/pgq/pgqd, with PGQD naming the program"
    if [ "$(id -u)" -ne 0 ]; then say "Install it, or run this as root to have it installed."; fi
    exit 2
  fi
  say "Using pgqd $PGQD"
}

find_skytools() {
  local python
  # The distribution's packages are for the distribution's Python.
  for python in "${PGQ_PYTHON:-}" /usr/bin/python3 "$(command -v python3 || true)"; do
    if [ -n "$python" ] && [ -x "$python" ] &&
      "$python" -c 'import pgq.producer, pgq.remoteconsumer, pgq.coopconsumer, psycopg2' 2>/dev/null; then
      export PGQ_PYTHON=$python
      return 0
    fi
  done
  return 1
}

need_skytools() {
  if ! find_skytools && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    say "Installing python3-pgq and python3-psycopg2"
    if ! apt_has python3-pgq || ! apt_install python3-pgq python3-psycopg2; then
      apt-get update >&2 || say "apt-get update failed; going on with the lists there are"
      apt_install python3-pgq python3-psycopg2 || say "The installation failed"
    fi
  fi
  if ! find_skytools; then
    say "Missing:"
    say "  - Skytools' consumers for Python 3 (looked in PGQ_PYTHON, /usr/bin/python3, PATH).
    Debian, Ubuntu: python3-pgq and python3-psycopg2; elsewhere: pip install pgq skytools psycopg2, with
    PGQ_PYTHON naming that Python"
    if [ "$(id -u)" -ne 0 ]; then say "Install it, or run this as root to have it installed."; fi
    exit 2
  fi
  say "Using Skytools with $PGQ_PYTHON"
}

# --- what only the tests need ----------------------------------------------------------------------

find_promtool() {
  local program
  for program in "${PROMTOOL:-}" "$(command -v promtool || true)"; do
    if [ -n "$program" ] && [ -x "$program" ]; then
      export PROMTOOL=$program
      return 0
    fi
  done
  return 1
}

need_promtool() {
  if ! find_promtool && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    say "Installing prometheus, for promtool"
    if ! apt_has prometheus || ! apt_install_stopped prometheus; then
      apt-get update >&2 || say "apt-get update failed; going on with the lists there are"
      apt_install_stopped prometheus || say "The installation failed"
    fi
  fi
  if ! find_promtool; then
    say "Missing:"
    say "  - promtool (looked in PROMTOOL, PATH).
    Debian, Ubuntu: prometheus; elsewhere: https://prometheus.io/download, with PROMTOOL naming the
    program. Prometheus itself need not run."
    if [ "$(id -u)" -ne 0 ]; then say "Install it, or run this as root to have it installed."; fi
    exit 2
  fi
  say "Using promtool $PROMTOOL"
}
