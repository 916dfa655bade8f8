// Times the pure functions of the npm package @medusajs/promotion on baskets and promotions read from a file.
//
// node promotions_peer.cjs FOLDER INPUT.json, where FOLDER holds node_modules with the package. Prints one JSON object:
// for each basket its milliseconds (the median of the repetitions) and what was taken off. Promotions are worked off in
// the order in which the package's own module does it: buy-and-get first, then the others by falling value.

"use strict";

const { createRequire } = require("node:module");
const fs = require("node:fs");
const path = require("node:path");

const [folder, input] = process.argv.slice(2);
const fetch_from = createRequire(path.resolve(folder, "package.json"));
const { getComputedActionsForItems } = fetch_from("@medusajs/promotion/dist/utils/compute-actions/line-items.js");
const { getComputedActionsForBuyGet, sortByBuyGetType } = fetch_from(
  "@medusajs/promotion/dist/utils/compute-actions/buy-get.js"
);
const { areRulesValidForContext } = fetch_from("@medusajs/promotion/dist/utils/validations/promotion-rule.js");

const { promotions, baskets, repetitions } = JSON.parse(fs.readFileSync(input, "utf8"));
promotions.sort((one, other) => other.application_method.value - one.application_method.value);

function price(basket) {
  const applied = new Map();
  const bought = new Map();
  const given = new Map();
  const actions = [];
  for (const promotion of [...promotions].sort(sortByBuyGetType)) {
    if (!areRulesValidForContext(promotion.rules, basket, "order")) {
      continue;
    }
    if (promotion.type === "buyget") {
      actions.push(...getComputedActionsForBuyGet(promotion, basket.items, applied, bought, given));
    } else {
      const across = promotion.application_method.target_type === "order" ? "across" : undefined;
      actions.push(...getComputedActionsForItems(promotion, basket.items, applied, across));
    }
  }
  return actions;
}

const found = [];
for (const basket of baskets) {
  const times = [];
  let actions = [];
  for (let turn = 0; turn < repetitions; turn += 1) {
    const begin = process.hrtime.bigint();
    actions = price(basket);
    times.push(Number(process.hrtime.bigint() - begin) / 1e6);
  }
  times.sort((one, other) => one - other);
  const off = actions.reduce((sum, action) => sum + Number(action.amount ?? 0), 0);
  found.push({ ms: times[Math.floor(times.length / 2)], actions: actions.length, off });
}
console.log(JSON.stringify(found));
