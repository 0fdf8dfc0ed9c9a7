/** One IDX file of an image set, as its authors publish it: `name` + ".gz". */
export interface ImageSetFile {
  readonly name: string;
  /** Of the gzip file, in hexadecimal. */
  readonly sha256: string;
  /** Length of the unpacked file: a header of 16 (images) or 8 bytes (labels), then one byte per value. */
  readonly bytes: number;
}

/** The images and labels of one side of an image set. */
export interface ImageSetPart {
  readonly count: number;
  readonly images: ImageSetFile;
  readonly labels: ImageSetFile;
}

/** What is known of an image set before any of its files is read. */
export interface ImageSet {
  readonly name: string;
  /** Of one image. */
  readonly rows: number;
  readonly columns: number;
  /** By label. */
  readonly classNames: readonly string[];
  /** Folders on the web, each ending in "/", in the order to try them. */
  readonly mirrors: readonly string[];
  readonly train: ImageSetPart;
  readonly test: ImageSetPart;
}

export type ImageSetName = "mnist" | "fashion-mnist";

/** The image sets known by name. Fashion-MNIST was made to replace MNIST file by file. */
export const IMAGE_SETS: Readonly<Record<ImageSetName, ImageSet>> = {
  mnist: {
    name: "mnist",
    rows: 28,
    columns: 28,
    classNames: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    mirrors: ["https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"],
    train: {
      count: 60000,
      images: {
        name: "train-images-idx3-ubyte",
        sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        bytes: 47040016,
      },
      labels: {
        name: "train-labels-idx1-ubyte",
        sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        bytes: 60008,
      },
    },
    test: {
      count: 10000,
      images: {
        name: "t10k-images-idx3-ubyte",
        sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        bytes: 7840016,
      },
      labels: {
        name: "t10k-labels-idx1-ubyte",
        sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        bytes: 10008,
      },
    },
  },
  "fashion-mnist": {
    name: "fashion-mnist",
    rows: 28,
    columns: 28,
    classNames: [
      "T-shirt/top",
      "Trouser",
      "Pullover",
      "Dress",
      "Coat",
      "Sandal",
      "Shirt",
      "Sneaker",
      "Bag",
      "Ankle boot",
    ],
    mirrors: ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"],
    train: {
      count: 60000,
      images: {
        name: "train-images-idx3-ubyte",
        sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        bytes: 47040016,
      },
      labels: {
        name: "train-labels-idx1-ubyte",
        sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        bytes: 60008,
      },
    },
    test: {
      count: 10000,
      images: {
        name: "t10k-images-idx3-ubyte",
        sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        bytes: 7840016,
      },
      labels: {
        name: "t10k-labels-idx1-ubyte",
        sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        bytes: 10008,
      },
    },
  },
};

export function isImageSetName(name: string): name is ImageSetName {
  return Object.hasOwn(IMAGE_SETS, name);
}
