package io.github.pgqfleet.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.config.AdminConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostsTest {

  private static final Hosts LOOPBACK = at("127.0.0.1");

  private static Hosts at(String address, String... hosts) {
    return Hosts.of(new AdminConfig(true, address, 9741, List.of(hosts)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1:9741",
        "localhost",
        "LOCALHOST:8000",
        "[::1]:9741",
        "[::1]",
        "192.0.2.7:9741"
      })
  void allowsTheLoopbacksNameAndAddresses(String header) {
    assertThat(LOOPBACK.allow(header)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "evil.example:9741", "127.0.0.1.evil.example", "", "null", "a b"})
  void refusesOthersOnTheLoopback(String header) {
    assertThat(LOOPBACK.allow(header)).isFalse();
  }

  @Test
  void allowsARequestWithoutAName() {
    assertThat(LOOPBACK.allow(null)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "0.0.0.0"})
  void allowsTheNamesThatAreConfiguredAndNoOthers(String address) {
    var hosts = at(address, "Fleet.Example");
    assertThat(hosts.allow("fleet.example:443")).isTrue();
    assertThat(hosts.allow("localhost:9741")).isTrue();
    assertThat(hosts.allow("other.example")).isFalse();
  }

  @Test
  void allowsAnyOffTheLoopbackWhereNoneIsConfigured() {
    assertThat(at("0.0.0.0").allow("db.example:9741")).isTrue();
  }
}
