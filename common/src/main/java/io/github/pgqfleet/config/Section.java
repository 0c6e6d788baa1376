package io.github.pgqfleet.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;

/**
 * One object of the configuration. Every method returns a usable value: where the file's is missing
 * or wrong, it notes the problem and returns the default, or something harmless. The caller reads
 * all it wants; {@link ConfigFile} then reports all problems at once. Not thread-safe.
 */
public final class Section {

  private final String path;
  private final Config config;

  /** What stands in the file itself, which tells the lines. */
  private final Config own;

  private final ConfigOrigin place;
  private final Config defaults;
  private final List<String> problems;
  private final Set<String> asked = new HashSet<>();
  private final Map<String, Section> children = new LinkedHashMap<>();
  private final List<Section> merged = new ArrayList<>();

  private Section(
      String path,
      Config config,
      Config own,
      ConfigOrigin place,
      Config defaults,
      List<String> problems) {
    this.path = path;
    this.config = config;
    this.own = own;
    this.place = place;
    this.defaults = defaults;
    this.problems = problems;
  }

  /** The whole of a file, over the defaults. */
  static Section root(Config file, Config defaults, List<String> problems) {
    var config = file.withFallback(defaults).resolve();
    return new Section("", config, file, file.origin(), defaults, problems);
  }

  /** Whether the file or the defaults give this key a value. */
  public boolean has(String key) {
    asked.add(key);
    return config.hasPath(quoted(key));
  }

  /** Whether a key's value is an object, and so a {@link #section}. */
  public boolean isObject(String key) {
    return has(key) && config.getValue(quoted(key)).valueType() == ConfigValueType.OBJECT;
  }

  public String string(String key) {
    return value(key, Config::getString, "");
  }

  public Optional<String> optionalString(String key) {
    return has(key) ? Optional.of(string(key)) : Optional.empty();
  }

  /** A file's path; a relative one is meant from the working directory. */
  public Optional<Path> optionalPath(String key) {
    return optionalString(key).map(Path::of);
  }

  public boolean bool(String key) {
    return value(key, Config::getBoolean, false);
  }

  public int integer(String key, int minimum, int maximum) {
    int value = value(key, Config::getInt, minimum);
    if (value < minimum || value > maximum) {
      problem(key, "is " + value + "; it must be from " + minimum + " to " + maximum);
    }
    return value;
  }

  /** A duration such as {@code 500ms}, {@code 3s}, {@code 2h}. */
  public Duration duration(String key, Duration minimum, Duration maximum) {
    var value = value(key, Config::getDuration, minimum);
    if (value.isNegative()) {
      problem(key, "is negative; it must be at least " + text(minimum));
    } else if (value.compareTo(minimum) < 0 || value.compareTo(maximum) > 0) {
      problem(
          key, "is " + text(value) + "; it must be from " + text(minimum) + " to " + text(maximum));
    }
    return value;
  }

  /** A list of strings; a single string counts as a list of one. */
  public List<String> strings(String key) {
    BiFunction<Config, String, List<String>> read =
        (c, p) ->
            c.getValue(p).valueType() == ConfigValueType.STRING
                ? List.of(c.getString(p))
                : c.getStringList(p);
    return List.copyOf(value(key, read, List.of()));
  }

  /** One of a few words, in any case, with {@code -} for {@code _}. */
  public <E extends Enum<E>> E oneOf(String key, Class<E> type) {
    var constants = type.getEnumConstants();
    var word = string(key);
    for (var constant : constants) {
      if (word(constant).equals(word.toLowerCase(Locale.ROOT))) {
        return constant;
      }
    }
    var words = new TreeSet<String>();
    for (var constant : constants) {
      words.add(word(constant));
    }
    if (has(key)) {
      problem(key, "is \"" + word + "\"; it must be one of " + words);
    }
    return constants[0];
  }

  /** An object inside this one, the same at each call; empty when it is missing. */
  public Section section(String key) {
    return children.computeIfAbsent(
        key, k -> child(k, value(k, Config::getObject, config.root().withOnlyKey(""))));
  }

  /** The keys of this object, for one where any are allowed. */
  public Set<String> keys() {
    return new TreeSet<>(config.root().keySet());
  }

  /** An object of any keys with simple values, each as text; empty when it is missing. */
  public Map<String, String> texts(String key) {
    var texts = new LinkedHashMap<String, String>();
    if (has(key)) {
      var holder = section(key);
      for (var name : holder.keys()) {
        texts.put(name, holder.string(name));
      }
    }
    return texts;
  }

  /** The objects of an object of objects, in the order of their names. */
  public Map<String, Section> sections(String key) {
    var holder = section(key);
    var sections = new LinkedHashMap<String, Section>();
    for (var name : holder.keys()) {
      sections.put(name, holder.section(name));
    }
    return sections;
  }

  /** The same section, with the keys that it lacks taken from another. */
  public Section withDefaults(Section other) {
    asked.addAll(config.root().keySet());
    other.asked.addAll(other.config.root().keySet());
    var both =
        new Section(path, config.withFallback(other.config), own, place, other.defaults, problems);
    merged.add(both);
    return both;
  }

  /** A size such as {@code 256KiB} or {@code 64m}. */
  public int bytes(String key, int minimum, int maximum) {
    long value = value(key, Config::getBytes, (long) minimum);
    if (value < minimum || value > maximum) {
      problem(key, "is " + value + " bytes; it must be from " + minimum + " to " + maximum);
      return minimum;
    }
    return Math.toIntExact(value);
  }

  /** Notes what is wrong with a key's value, at its line. */
  public void problem(String key, String what) {
    var known = own.hasPath(quoted(key)) ? own : config;
    var where = known.hasPath(quoted(key)) ? known.getValue(quoted(key)).origin() : place;
    problems.add(at(where) + dotted(key) + " " + what);
  }

  /** Says that these keys are somebody else's. */
  void ignore(Collection<String> keys) {
    asked.addAll(keys);
  }

  void reportUnknownKeys() {
    config.root().keySet().stream()
        .filter(key -> !asked.contains(key))
        .sorted()
        .forEach(key -> problem(key, "is not a known key; known here: " + new TreeSet<>(asked)));
    children.values().forEach(Section::reportUnknownKeys);
    merged.forEach(Section::reportUnknownKeys);
  }

  static String at(ConfigOrigin origin) {
    var file = origin.filename() == null ? origin.description() : origin.filename();
    return origin.lineNumber() > 0 ? file + ":" + origin.lineNumber() + ": " : file + ": ";
  }

  private <T> T value(String key, BiFunction<Config, String, T> read, T otherwise) {
    asked.add(key);
    try {
      return read.apply(config, quoted(key));
    } catch (ConfigException.Missing e) {
      problem(key, "is missing");
    } catch (ConfigException.WrongType e) {
      problem(key, "has the wrong type: " + reason(e));
    } catch (ConfigException.BadValue e) {
      problem(key, "has a bad value: " + reason(e));
    }
    var fallback = path.isEmpty() ? quoted(key) : path + "." + quoted(key);
    try {
      return defaults.hasPath(fallback) ? read.apply(defaults, fallback) : otherwise;
    } catch (ConfigException e) {
      return otherwise;
    }
  }

  private Section child(String key, ConfigObject object) {
    var path = this.path.isEmpty() ? quoted(key) : this.path + "." + quoted(key);
    var written = own.hasPath(quoted(key)) && own.getValue(quoted(key)) instanceof ConfigObject;
    var child =
        new Section(
            path,
            object.toConfig(),
            written ? own.getConfig(quoted(key)) : ConfigFactory.empty(),
            written ? own.getValue(quoted(key)).origin() : place,
            defaults,
            problems);
    return child;
  }

  /** The library's message without the place, which is said already. */
  private static String reason(ConfigException e) {
    var message = String.valueOf(e.getMessage());
    var place = e.origin() == null ? "" : e.origin().description() + ": ";
    return message.startsWith(place) ? message.substring(place.length()) : message;
  }

  private String dotted(String key) {
    return path.isEmpty() ? quoted(key) : path + "." + quoted(key);
  }

  private static String quoted(String key) {
    return ConfigUtil.joinPath(key);
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String text(Duration duration) {
    return duration.toString().substring(2).toLowerCase(Locale.ROOT);
  }
}
