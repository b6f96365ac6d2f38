// Starts the reference on the document that the page names; follows the system's light or dark.
const place = document.getElementById("swagger-ui");
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);

// Swagger UI shows a padlock wherever a key may be sent; we show one only where it has to be.
const locksWhereNeeded = {
  wrapComponents: {
    OperationSummary: (Original, { React }) => (props) => {
      const open = props.operationProps.get("security")?.some((each) => each.size === 0);
      const operationProps = open ? props.operationProps.delete("security") : props.operationProps;
      return React.createElement(Original, { ...props, operationProps });
    },
  },
};

// Swagger UI's fields stand in a table without labels: each is named by its row.
const named = () => {
  for (const field of place.querySelectorAll("tr[data-param-name] :is(input, select, textarea):not([aria-label])")) {
    field.setAttribute("aria-label", field.closest("tr").dataset.paramName);
  }
};
new MutationObserver(named).observe(place, { childList: true, subtree: true });

follow();
dark.addEventListener("change", follow);
window.SwaggerUIBundle({
  domNode: place,
  url: place.dataset.document,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: -1,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  plugins: [locksWhereNeeded],
  onComplete: () => document.querySelector(".hidden-title")?.remove(), // It brings a heading of its own.
});
