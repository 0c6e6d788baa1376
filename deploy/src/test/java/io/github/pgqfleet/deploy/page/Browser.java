package io.github.pgqfleet.deploy.page;

import io.github.pgqfleet.fixture.Await;
import io.github.pgqfleet.fixture.FleetProcess;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Level;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/**
 * A headless Chromium, from the system's packages. Screenshots go to {@code
 * deploy/target/screenshots}. For one thread.
 */
final class Browser implements AutoCloseable {

  static final Dimension DESKTOP = new Dimension(1440, 900);
  static final Dimension PHONE = new Dimension(390, 844);

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Pattern REQUEST =
      Pattern.compile(
          "\"method\":\"Network.requestWillBeSent\".*?\"request\":\\{.*?\"url\":\"([^\"]+)\"");

  private final ChromeDriver driver;

  Browser() {
    var logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    var options = new ChromeOptions();
    options.setBinary(program("PGQ_CHROMIUM", "chromium", "chromium-browser").toFile());
    options.addArguments(
        "--headless=new",
        // Root may not use the sandbox, and the only page that is opened is ours.
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--force-device-scale-factor=1",
        "--hide-scrollbars");
    options.setCapability("goog:loggingPrefs", logs);
    var service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(program("PGQ_CHROMEDRIVER", "chromedriver").toFile())
            .usingAnyFreePort()
            .build();
    driver = new ChromeDriver(service, options);
    resize(DESKTOP);
  }

  /** Given, so that Selenium looks for nothing by itself. */
  private static Path program(String variable, String... names) {
    var given = System.getenv(variable);
    if (given != null) {
      return Path.of(given);
    }
    return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(System.getenv("PATH"))
        .flatMap(directory -> Stream.of(names).map(name -> Path.of(directory, name)))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "Missing: "
                        + names[0]
                        + " on PATH, or in "
                        + variable
                        + " (Debian, Ubuntu: chromium and chromium-driver)"));
  }

  void open(String address) {
    driver.get(address);
  }

  void resize(Dimension size) {
    // The window may be wider than asked for; what the page sees is not.
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of(
            "width",
            size.getWidth(),
            "height",
            size.getHeight(),
            "deviceScaleFactor",
            1,
            "mobile",
            size.equals(PHONE)));
  }

  /** Light or dark, as the user's system says it. */
  void scheme(String scheme) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  /** All of the page as a picture. */
  void screenshot(String name) {
    var height = number("return document.documentElement.scrollHeight");
    var width = number("return document.documentElement.clientWidth");
    var picture =
        driver.executeCdpCommand(
            "Page.captureScreenshot",
            Map.of(
                "captureBeyondViewport",
                true,
                "clip",
                Map.of("x", 0, "y", 0, "width", width, "height", height, "scale", 1)));
    try {
      var directory = FleetProcess.projectRoot().resolve("deploy/target/screenshots");
      Files.createDirectories(directory);
      Files.write(
          directory.resolve(name + ".png"),
          OutputType.BYTES.convertFromBase64Png(
              (String) Objects.requireNonNull(picture.get("data"))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long number(String script) {
    return ((Number) Objects.requireNonNull(driver.executeScript(script))).longValue();
  }

  /** What the body of an asynchronous function returns, as text. */
  String script(String body) {
    return String.valueOf(
        driver.executeAsyncScript(
            "const done = arguments[0]; (async () => {"
                + body
                + "})().then(done, (e) => done(`failed: ${e}`));"));
  }

  WebElement element(String selector) {
    return driver.findElement(By.cssSelector(selector));
  }

  WebElement focused() {
    return driver.switchTo().activeElement();
  }

  /** What the elements say, in order. */
  List<String> texts(String selector) {
    return Await.value(
        "the texts of " + selector,
        SOON,
        () ->
            driver.findElements(By.cssSelector(selector)).stream()
                .map(WebElement::getText)
                .toList(),
        texts -> true);
  }

  /** Waits until an element says something. */
  void awaitText(String selector, String part) {
    awaitText(selector, part, SOON);
  }

  void awaitText(String selector, String part, Duration timeout) {
    Await.value(
        selector + " to say " + part,
        timeout,
        () -> {
          try {
            return texts(selector);
          } catch (StaleElementReferenceException e) {
            return List.<String>of();
          }
        },
        texts -> texts.stream().anyMatch(text -> text.contains(part)));
  }

  /** Waits until no element fits. */
  void awaitGone(String selector) {
    Await.until(
        selector + " to be gone",
        SOON,
        () -> driver.findElements(By.cssSelector(selector)).isEmpty());
  }

  /** The addresses that were asked for since the last call. */
  List<String> requests() {
    var addresses = new ArrayList<String>();
    for (var entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
      var matcher = REQUEST.matcher(entry.getMessage());
      if (matcher.find()) {
        addresses.add(matcher.group(1));
      }
    }
    return addresses;
  }

  /** What the browser complained of since the last call. */
  List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .map(LogEntry::getMessage)
        .toList();
  }

  @Override
  public void close() {
    driver.quit();
  }
}
