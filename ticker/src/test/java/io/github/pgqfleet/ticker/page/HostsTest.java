package io.github.pgqfleet.ticker.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgqfleet.config.AdminConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostsTest {

  private static final AdminConfig LOOPBACK = new AdminConfig(true, "127.0.0.1", 9741);

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:9741", "localhost", "LOCALHOST:8000", "[::1]:9741", "[::1]"})
  void allowsTheNamesOfTheLoopback(String header) {
    assertThat(Hosts.of(LOOPBACK, List.of()).allow(header)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "evil.example:9741", "127.0.0.1.evil.example", "", "null"})
  void refusesOthersOnTheLoopback(String header) {
    assertThat(Hosts.of(LOOPBACK, List.of()).allow(header)).isFalse();
  }

  @Test
  void refusesARequestWithoutAName() {
    assertThat(Hosts.of(LOOPBACK, List.of()).allow(null)).isFalse();
  }

  @Test
  void allowsTheNamesThatAreConfigured() {
    var hosts = Hosts.of(LOOPBACK, List.of("Fleet.Example"));
    assertThat(hosts.allow("fleet.example:443")).isTrue();
    assertThat(hosts.allow("other.example")).isFalse();
  }

  @Test
  void allowsAnyOffTheLoopback() {
    var opened = new AdminConfig(true, "0.0.0.0", 9741);
    assertThat(Hosts.of(opened, List.of()).allow("db.example:9741")).isTrue();
  }
}
