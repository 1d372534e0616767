//! An enum over the classes of one family, and what follows from the list alone.

/// Makes the enum over the classes of a family: its variants, `From` each class and from a name,
/// and Keras' JSON, both ways.
///
/// The family adds by hand an `alias` (names that no rule derives from a class) and its methods,
/// which call those of the class through `kind`.
macro_rules! kinds {
    (
        $(#[$doc:meta])*
        $Family:ident, $noun:literal in $module:literal, dyn $Trait:ident {
            $($(#[$class_doc:meta])* $Class:ident,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        pub enum $Family {
            $($(#[$class_doc])* $Class($Class),)+
            /// A name that nothing is known by: `validate` refuses it.
            Unknown(String),
            /// What a file says in Keras' JSON of a class that is not known here, or a name. It is
            /// written as it came, and refused where it would have to do something.
            Foreign(serde_json::Value),
        }

        impl $Family {
            /// The class' methods; an error for a name that nothing is known by.
            fn kind(&self) -> ceratops_core::Result<&dyn $Trait> {
                match self {
                    $(Self::$Class(class) => Ok(class),)+
                    Self::Unknown(name) => Err(Self::unknown(name)),
                    Self::Foreign(value) => Err(Self::unknown(&crate::object::name(value))),
                }
            }

            fn unknown(name: &str) -> ceratops_core::Error {
                ceratops_core::Error::unknown($noun, name, [$(stringify!($Class)),+])
            }

            /// The class of that name with this config, if it is known.
            fn read(object: crate::object::Object) -> ceratops_core::Result<Option<Self>> {
                $(if object.is(stringify!($Class)) {
                    return object.read::<$Class>(stringify!($Class)).map(Self::$Class).map(Some);
                })+
                Ok(None)
            }
        }

        $(impl From<$Class> for $Family {
            fn from(class: $Class) -> Self {
                Self::$Class(class)
            }
        })+

        /// By name, with Keras' defaults. The class' name will do, and the same in snake case or
        /// camel case.
        impl From<&str> for $Family {
            fn from(name: &str) -> Self {
                let known = Self::alias(name);
                known
                    .or_else(|| Self::read(crate::object::Object::named(name)).ok().flatten())
                    .unwrap_or_else(|| Self::Unknown(name.to_owned()))
            }
        }

        impl From<String> for $Family {
            fn from(name: String) -> Self {
                Self::from(name.as_str())
            }
        }

        /// As Keras 3 writes it: module, class name, config, registered name.
        impl serde::Serialize for $Family {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$Class(class) => {
                        crate::object::write(serializer, $module, stringify!($Class), class)
                    })+
                    Self::Unknown(name) => Err(serde::ser::Error::custom(Self::unknown(name))),
                    Self::Foreign(value) => value.serialize(serializer),
                }
            }
        }

        /// From a name, or from an object as any version of Keras or TensorFlow.js writes it.
        impl<'de> serde::Deserialize<'de> for $Family {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let value = serde_json::Value::deserialize(from)?;
                let read = match value {
                    serde_json::Value::String(name) => Ok(match Self::from(name.as_str()) {
                        Self::Unknown(_) => Self::Foreign(name.into()),
                        named => named,
                    }),
                    value => crate::object::Object::parse(value.clone(), $noun)
                        .and_then(Self::read)
                        .map(|read| read.unwrap_or(Self::Foreign(value))),
                };
                read.map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use kinds;
