package io.github.pgqfleet.ticker.page;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The page's own files and those of its libraries, from the class path. Thread-safe.
 *
 * <p>A library's path has its version in it, so that a browser may keep it.
 */
final class Assets {

  private static final String OWN = "/page/";
  private static final String OF_LIBRARIES = "/webjars/";

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "svg", "image/svg+xml");

  private final Map<String, Optional<Asset>> read = new ConcurrentHashMap<>();

  /** One file. */
  record Asset(String type, String content, boolean mayBeKept) {}

  /** What is under a path, if anything is. */
  Optional<Asset> at(String path) {
    var known = read.get(path);
    if (known != null) {
      return known;
    }
    var asset = load(path.equals("/") ? OWN + "index.html" : path);
    // Whoever asks for what is not there must not fill the memory.
    asset.ifPresent(found -> read.put(path, Optional.of(found)));
    return asset;
  }

  private static Optional<Asset> load(String path) {
    var type = TYPES.get(path.substring(path.lastIndexOf('.') + 1));
    if (type == null || path.contains("..") || path.contains("//")) {
      return Optional.empty();
    }
    if (path.startsWith(OWN)) {
      return load("assets/" + path.substring(OWN.length()), type, false);
    }
    return path.startsWith(OF_LIBRARIES)
        ? load("/META-INF/resources" + path, type, true)
        : Optional.empty();
  }

  private static Optional<Asset> load(String resource, String type, boolean mayBeKept) {
    try (var in = Assets.class.getResourceAsStream(resource)) {
      return in == null
          ? Optional.empty()
          : Optional.of(
              new Asset(type, new String(in.readAllBytes(), StandardCharsets.UTF_8), mayBeKept));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
