package cluster;

import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Calls into a server by name. OpenSearch and Elasticsearch have the same classes under two roots, and constructors
 * that differ by version; called by name, one compiled launcher serves them all and needs no server to be compiled.
 */
final class Reflection {
    private static final Map<Class<?>, Class<?>> BOXES = Map.of(boolean.class, Boolean.class, int.class, Integer.class);

    private Reflection() {}

    static boolean exists(String name) {
        try {
            Class.forName(name, false, Reflection.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException absent) {
            return false;
        }
    }

    static Object create(Class<?> type, Object... arguments) throws Exception {
        Constructor<?> constructor = fitting(Arrays.asList(type.getDeclaredConstructors()), type + " constructor", arguments);
        try {
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException thrown) {
            throw causeOf(thrown);
        }
    }

    /** Calls a method of an object, or a static one where the receiver is a class. */
    static Object call(Object receiver, String name, Object... arguments) throws Exception {
        Class<?> type = receiver instanceof Class<?> itself ? itself : receiver.getClass();
        List<Method> named = Stream.of(type.getMethods(), type.getDeclaredMethods())
                .flatMap(Arrays::stream)
                .filter(method -> method.getName().equals(name) && !method.isBridge())
                .toList();
        try {
            return fitting(named, type.getName() + "." + name, arguments).invoke(receiver, arguments);
        } catch (InvocationTargetException thrown) {
            throw causeOf(thrown);
        }
    }

    static Object field(Class<?> type, Object receiver, String name) throws Exception {
        var field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(receiver);
    }

    private static <E extends Executable> E fitting(List<E> candidates, String sought, Object... arguments)
            throws NoSuchMethodException {
        for (E candidate : candidates) {
            if (fits(candidate.getParameterTypes(), arguments)) {
                candidate.setAccessible(true);
                return candidate;
            }
        }
        throw new NoSuchMethodException(sought + " taking " + Arrays.toString(arguments));
    }

    private static boolean fits(Class<?>[] parameters, Object[] arguments) {
        if (parameters.length != arguments.length) {
            return false;
        }
        for (int at = 0; at < parameters.length; at++) {
            Class<?> parameter = BOXES.getOrDefault(parameters[at], parameters[at]);
            if (arguments[at] != null && !parameter.isInstance(arguments[at])) {
                return false;
            }
        }
        return true;
    }

    private static Exception causeOf(InvocationTargetException thrown) {
        if (thrown.getCause() instanceof Error error) {
            throw error;
        }
        return (Exception) thrown.getCause();
    }
}
